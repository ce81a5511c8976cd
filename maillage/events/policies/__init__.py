"""Who may do what with a gathering and its registrations, and the words for it."""
