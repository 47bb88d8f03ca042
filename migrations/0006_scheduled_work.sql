-- Work that is due at some time, and what waits for somebody to speak up.

-- Jobs and timers. What is done is deleted: the family's events tell of it.
create table scheduled_work (
  id uuid primary key,
  -- job: runs a handler, here or elsewhere. timer: tells the engine that a moment has come.
  kind text not null,
  -- Of a job the handler's name; of a timer what it is for.
  handler text not null,
  -- There is one row with a key at most.
  key text,
  -- Null where no work item waits for it.
  work_item uuid,
  case_id uuid,
  family uuid,
  payload jsonb not null default '{}',
  -- From -1, last, to 1, first.
  priority smallint not null default 0,
  -- pending, or dead: every attempt has failed, and somebody has to decide.
  state text not null default 'pending',
  -- Attempts that were begun.
  attempts integer not null default 0,
  max_attempts integer not null,
  -- When it may be claimed: its time, the next attempt, or the end of the lease of who has claimed it.
  due_at timestamptz not null,
  -- Raised by every claim. Whoever has a smaller one has lost the work.
  fence bigint not null default 0,
  -- Who has claimed it.
  worker text,
  -- Of a claim by a worker outside of the server.
  lease_token uuid,
  error_code text,
  last_error text,
  created_at timestamptz not null,
  failed_at timestamptz
) with (fillfactor = 70);

create index scheduled_work_due on scheduled_work (kind, handler, priority, due_at) where state = 'pending';
create unique index scheduled_work_key on scheduled_work (key) where key is not null;
create index scheduled_work_work_item on scheduled_work (work_item) where work_item is not null;
create index scheduled_work_dead on scheduled_work (failed_at, id) where state = 'dead';
create index scheduled_work_lease_token on scheduled_work (lease_token) where lease_token is not null;
create index scheduled_work_created_at on scheduled_work (created_at, id);

-- Signals go to everything that waits for their name, messages to one. They are kept until `expires_at`, for catches
-- that come later and so that the same message is not taken twice.
create table signals (
  id uuid primary key,
  -- signal or message.
  kind text not null,
  name text not null,
  -- Null goes to catches of every key.
  correlation_key text,
  payload jsonb not null default '{}',
  -- The sender's own name for it: the same one is taken once.
  message_id text,
  -- The item that a message was given to.
  delivered_to uuid,
  sent_by_user text,
  sent_by_group text,
  expires_at timestamptz not null,
  created_at timestamptz not null
);

create index signals_name on signals (kind, name, created_at);
create unique index signals_message_id on signals (name, message_id) where message_id is not null;
create index signals_expires_at on signals (expires_at);

-- What waits for a signal or message: a work item, or a workflow that starts with it.
create table signal_catches (
  id uuid primary key,
  kind text not null,
  name text not null,
  -- Null takes every key.
  correlation_key text,
  work_item uuid,
  case_id uuid,
  family uuid,
  workflow text,
  task text not null,
  created_at timestamptz not null
);

create index signal_catches_name on signal_catches (kind, name, created_at);
create unique index signal_catches_work_item on signal_catches (work_item) where work_item is not null;
create unique index signal_catches_start on signal_catches (workflow, task) where work_item is null;

-- Which signals a case has been told of at which task: once, also in a loop.
create table signal_deliveries (
  signal uuid not null references signals on delete cascade,
  -- The case, or for a start the catch.
  receiver uuid not null,
  task text not null,
  primary key (signal, receiver, task)
);

-- Until when people have laid an item aside.
alter table work_items add column snoozed_until timestamptz;
create index work_items_snoozed_until on work_items (snoozed_until, id) where snoozed_until is not null;
