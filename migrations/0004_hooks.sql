-- Durable hooks: who wants to be told of what, and the outbox of what is still to be told.

-- Raised by every change of the hooks that apply to more than one case; read with the revision of the
-- definitions, in the round trip that takes a family's lock.
alter table definition_revision add column hook_revision bigint not null default 1;

create table hooks (
  id uuid primary key,
  name text not null,
  -- event, transition or completion.
  trigger text not null,
  -- The event's name, where the trigger is one.
  event text,
  -- before: in the mutation's transaction. after: from the outbox.
  moment text not null,
  -- Scope: null takes all.
  workflow text,
  task text,
  case_id uuid,
  source text,
  destination text,
  -- JEXL; null takes every event in scope.
  filter text,
  -- function or webhook.
  action text not null,
  function text,
  url text,
  -- The first one signs, and so do the others, until they are taken away.
  secrets text[] not null default '{}',
  -- ignore, roll_back or retry.
  on_error text not null,
  is_ordered boolean not null default false,
  is_enabled boolean not null default true,
  -- Why the server disabled it.
  disabled_reason text,
  -- Raised by every change.
  version bigint not null default 1,
  -- A removed hook stays, for the history of its deliveries.
  removed_at timestamptz,
  created_at timestamptz not null,
  modified_at timestamptz not null,
  created_by_user text,
  created_by_group text,
  modified_by_user text,
  modified_by_group text
);

create unique index hooks_name on hooks (name) where removed_at is null;
create index hooks_case on hooks (case_id) where case_id is not null and removed_at is null;
create index hooks_created_at on hooks (created_at, id);

-- One row for each event and hook that it concerns.
create table hook_deliveries (
  -- The same in every attempt: receivers tell repeats by it.
  id uuid primary key,
  hook uuid not null,
  family uuid not null,
  -- The event's number in its family; null for a test.
  seq bigint,
  event text not null,
  case_id uuid not null,
  work_item uuid,
  -- What the hook is told.
  payload jsonb not null,
  is_ordered boolean not null,
  -- How many deliveries caused each other up to this one.
  depth smallint not null,
  -- pending, delivered, dead or cancelled.
  status text not null,
  attempts integer not null default 0,
  -- When it may be claimed: the next attempt, or the end of the lease of who has claimed it.
  due_at timestamptz not null,
  -- Of the claim that is under way. Whoever has another token has lost the delivery.
  lease_token uuid,
  last_error text,
  response_status integer,
  response text,
  created_at timestamptz not null,
  finished_at timestamptz
) with (fillfactor = 80);

create unique index hook_deliveries_event on hook_deliveries (hook, family, seq);
create index hook_deliveries_due on hook_deliveries (hook, due_at, seq) where status = 'pending';
create index hook_deliveries_created_at on hook_deliveries (created_at, id);
create index hook_deliveries_finished_at on hook_deliveries (finished_at) where finished_at is not null;
