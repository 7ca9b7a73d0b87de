"""The sandbox's Identity Store API beside moto's: equal, but for a table of what moto is known to get wrong.

`test_differences.py` asks both what the table has, `test_generated_calls.py` whatever hypothesis comes up with.

calls.py                        calls, outcomes, and how both name what has another id on each side
pair.py                         the two sides, and how each is asked
book.py                         what both sides accepted so far
model.py                        what AWS's own model of the API says of a call
differences.py                  what a row of the table is; the table itself, in three parts:
differences_of_input.py         ... calls that moto takes and AWS does not, or the other way round
differences_of_attributes.py    ... names that it does not keep apart, and attributes that it does not keep
differences_of_rows.py          ... memberships, deletions and pages
comparison.py                   asks both sides the same, and insists on the same answer, but for the table
generated.py                    calls at random
"""
