"""What people write about gatherings, from the browser's words to values."""
