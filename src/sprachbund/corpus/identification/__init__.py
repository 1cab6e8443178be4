"""In which language a text is: the field's language identification (LID)."""
