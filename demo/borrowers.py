"""Invented borrowers: names, addresses and ways to reach them."""

from __future__ import annotations

from random import Random
from typing import Any

from demo.profiles import NEAR, address, home

_FIRST_NAMES = """
    Ada Adam Alicia Amir Andre Angela Anita Arthur Bella Bianca Boris Brenda Bruno
    Carla Carlos Cedric Chen Clara Dana Daniel Delia Diego Dora Edgar Elena Elias
    Emma Erik Esther Fatima Felix Fiona Frank Gabriel Gina Gloria Hannah Harold
    Hector Helen Ines Isaac Ivan Jada Jamal Janet Jorge Julia Karen Keisha Kofi Lara
    Leon Linda Louis Luz Malik Marcus Mei Mila Nadia Nathan Nina Noah Olga Omar
    Oscar Paula Pedro Priya Quinn Rachel Rafael Renee Rosa Ruth Sami Sara Scott
    Selma Simon Sofia Stella Tariq Teresa Theo Tina Uma Victor Vera Wanda Wesley
    Xavier Yara Yusuf Zoe
"""
_LAST_NAMES = """
    Abbott Adeyemi Baker Banks Barrera Bauer Becker Bell Brooks Burke Castro Chang
    Clark Cohen Cole Cruz Dalton Davis Diaz Dixon Duarte Ellis Erickson Evans Farley
    Flores Foster Fox Garcia Gibbs Gomez Grant Gray Hall Hansen Hayes Holt Hughes
    Ibarra Jacobs Jensen Kaplan Keller Khan Klein Lam Larson Lee Lopez Lynch Malone
    Mason Mendez Meyer Miles Moore Morris Murphy Myers Navarro Nelson Ngo Norris
    Ochoa Olson Ortiz Owens Park Perez Pham Porter Price Quinn Ramos Reed Reyes Rios
    Rivera Roberts Ross Ruiz Salas Shah Silva Singh Snow Stone Tran Turner Vance
    Vega Wade Walsh Ward Weber West White Wong Wu Young Zamora Zhang
"""
_FIRST, _LAST = _FIRST_NAMES.split(), _LAST_NAMES.split()


def borrower(rng: Random, number: int) -> dict[str, Any]:
    """Return the fields of a prospect that say who it is.

    `number` makes email and phone unlike those of every other borrower.
    Phones lie in 555-0100 … 555-0199 style ranges that nobody owns, widened by
    the exchange so that 3,000 of them fit.
    """
    first, last = rng.choice(_FIRST), rng.choice(_LAST)
    place = home(number, rng.choice(NEAR))
    exchange = 200 + number // 100 % 700
    phone = f"+1{place.area}{exchange:03d}01{number % 100:02d}"
    if rng.random() < 0.08:
        phone = f"({phone[2:5]}) {phone[5:8]}-{phone[8:]}"
    return {
        "first_name": first,
        "last_name": last,
        "full_name": f"{first} {last}",
        "email": f"{first}.{last}{number}@mail.example".lower(),
        "phone": phone,
        "phone_type": "mobile",
        "address": f"{rng.randrange(10, 9990)} {rng.choice(_LAST)} St",
        **address(number, place),
        "birthday": f"{rng.randrange(1955, 2003)}-0{rng.randrange(1, 10)}-1"
        f"{rng.randrange(10)}",
    }
