"""How near languages are, measure by measure: sounds, words, sentences, and what handbooks say.

Every measure is a function of plain data (inventories, phone strings, word lists, trees); a row of `listed.MEASURES`
joins it to the sources that it is computed from. A value comes with what it was made of, its coverage, an interval
where it is an estimate, and the floor that unrelated languages reach: without the floor nobody can say whether a
number is high.
"""
