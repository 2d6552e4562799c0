import pytest
from storage.db import Database
from storage import finding, leads as L
from services.organizations import Organizations
from tests.clock import MovableClock
from domain.words import *
from storage.ids import new_id
async def test_x(database_url: str):
    db=Database(database_url); clock=MovableClock()
    org=await Organizations(db,clock).ensure_first("A","ru","RU","Europe/Moscow",[1])
    async with db.transaction(org) as s:
        i=await L.add_lead(s,clock(),number=1,name="Иван Пётров")
        await L.add_contact_points(s,i,[("phone","+79991234567","x"),("email","ivan@example.com","x")])
        await finding.add_words(s,{i:words_of_lead(["Иван Пётров"],["+79991234567"],["ivan@example.com"])})
        assert await finding.beginning_with(s,"ив",10)==["иван"]
        assert await finding.beginning_with(s,"~7654",10)==["~76543219997"]
        assert await finding.one_letter_off(s,"птеров")==["петров"]
        await L.update_lead(s,i,clock(),name="Семён")
        assert await finding.beginning_with(s,"ив",10)==[]
        assert len(await finding.beginning_with(s,"",50))==5, await finding.beginning_with(s,"",50)
    await db.close()
