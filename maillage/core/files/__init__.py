"""Files that people add: pictures and documents, checked before they are kept, shown to whoever may see their subject.

Read in this order: `models` (what is known of a file), `subjects` (what it belongs to, and who asks whom),
`commands` (adding, attaching, letting go), then `images` and `documents` (what may come in) and `store` (where the
bytes are).
"""
