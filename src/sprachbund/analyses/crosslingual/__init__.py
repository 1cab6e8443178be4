"""Does a sentence find its translation, though the encoder was never shown which sentences are translations?"""
