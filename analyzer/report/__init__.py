"""How things look: words, drawings and the reviewer's page; nothing here decides a number."""
