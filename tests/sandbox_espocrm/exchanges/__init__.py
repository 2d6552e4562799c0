"""What real EspoCRM servers (9.2.7 and 10.0.0) answered, as data: one request and the significant part.

Written down from recordings of both versions; the people, keys and ids are made up. `$name` stands for an id
of the world that conftest.py builds. In `has` every named attribute must be there with that value, None means
null or absent.
"""

from tests.sandbox_espocrm.exchanges import access, activities, creating, lists, others, values

ALL = [
    *access.AUTH,
    *access.METADATA,
    *access.ERRORS,
    *creating.CREATE,
    *creating.NAMES,
    *creating.UPDATE,
    *values.ADDRESSES,
    *values.VALUES,
    *lists.LISTS,
    *activities.ACTIVITIES,
    *others.OTHERS,
    *others.WEBHOOKS,
]
