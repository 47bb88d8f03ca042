"""The items under granian with strawberry."""
import strawberry
from strawberry.asgi import GraphQL


@strawberry.type
class Owner:
    id: strawberry.ID
    email: str


@strawberry.type
class Item:
    id: strawberry.ID
    name: str
    status: str
    price: float
    count: int
    active: bool
    created_at: str
    note: str | None
    owner: Owner


ITEMS = [Item(id=f"item-{n}", name=f"Item number {n}", status="READY", price=n + 0.25, count=n * 3, active=n % 2 == 0,
              created_at="2026-01-01T12:00:00+00:00", note=None, owner=Owner(id=f"item-{n}", email=f"user{n}@example.org"))
         for n in range(50)]


@strawberry.type
class Query:
    hello: str = "world"

    @strawberry.field
    def items(self, first: int) -> list[Item]:
        return ITEMS[:first]


app = GraphQL(strawberry.Schema(Query))
