-- Definitions, cases, work items and the event log.
--
-- Run-time tables have no foreign keys: the engine writes a family's rows under the family's lock, which is
-- what keeps references whole, and a key check would lock definition rows that every mutation shares.
-- Localised text is a JSON object from language to text.

create table workflows (
  slug text primary key,
  name jsonb not null,
  description jsonb not null default '{}',
  meta jsonb not null default '{}',
  is_published boolean not null default false,
  is_archived boolean not null default false,
  allow_all_forms boolean not null default false,
  -- How joins count: exact, or caluma.
  compatibility text not null default 'exact',
  created_at timestamptz not null,
  modified_at timestamptz not null,
  created_by_user text,
  created_by_group text,
  modified_by_user text,
  modified_by_group text
);

create index workflows_created_at on workflows (created_at, slug);

create table tasks (
  slug text primary key,
  type text not null,
  name jsonb not null,
  description jsonb not null default '{}',
  meta jsonb not null default '{}',
  address_groups text,
  control_groups text,
  is_archived boolean not null default false,
  form text,
  lead_time integer,
  is_multiple_instance boolean not null default false,
  continue_async boolean not null default false,
  created_at timestamptz not null,
  modified_at timestamptz not null,
  created_by_user text,
  created_by_group text,
  modified_by_user text,
  modified_by_group text
);

create index tasks_created_at on tasks (created_at, slug);

create table workflow_start_tasks (
  workflow text not null references workflows on delete cascade,
  task text not null references tasks on delete cascade,
  position integer not null,
  primary key (workflow, task)
);

create table flows (
  id uuid primary key,
  workflow text not null references workflows on delete cascade,
  next text not null,
  created_at timestamptz not null,
  modified_at timestamptz not null,
  created_by_user text,
  created_by_group text,
  modified_by_user text,
  modified_by_group text
);

create index flows_workflow on flows (workflow, created_at, id);

-- The tasks that a flow's `next` names, known without evaluating it.
create table flow_next_tasks (
  flow uuid not null references flows on delete cascade,
  task text not null references tasks on delete cascade,
  position integer not null,
  primary key (flow, task)
);

-- A task has at most one flow in a workflow; tasks that share a flow join before it continues.
create table task_flows (
  workflow text not null references workflows on delete cascade,
  task text not null references tasks on delete cascade,
  flow uuid not null references flows on delete cascade,
  redoable text,
  position integer not null,
  primary key (workflow, task)
);

create index task_flows_flow on task_flows (flow, position);
create index task_flows_task on task_flows (task);

-- One row. Every change of a definition raises it; a mutation reads it in the round trip that takes the
-- family's lock, so that cached definitions are never stale where they decide something.
create table definition_revision (
  singleton boolean primary key default true check (singleton),
  revision bigint not null
);

insert into definition_revision (revision) values (1);

create table cases (
  id uuid primary key,
  -- The root of the tree of cases that start each other through work items: the unit of locking.
  family uuid not null,
  workflow text not null,
  status text not null,
  closed_at timestamptz,
  closed_by_user text,
  closed_by_group text,
  meta jsonb not null default '{}',
  document uuid,
  -- Raised by every change of the row.
  version bigint not null default 1,
  -- On the root case: number of the family's last event.
  event_seq bigint not null default 0,
  created_at timestamptz not null,
  modified_at timestamptz not null,
  created_by_user text,
  created_by_group text,
  modified_by_user text,
  modified_by_group text
);

create index cases_family on cases (family);
create index cases_workflow on cases (workflow, created_at, id);
create index cases_status on cases (status, created_at, id);
create index cases_created_at on cases (created_at, id);
create index cases_meta on cases using gin (meta jsonb_path_ops);

create table work_items (
  id uuid primary key,
  family uuid not null,
  case_id uuid not null,
  task text not null,
  name jsonb not null,
  description jsonb not null default '{}',
  status text not null,
  closed_at timestamptz,
  closed_by_user text,
  closed_by_group text,
  deadline timestamptz,
  meta jsonb not null default '{}',
  addressed_groups text[] not null default '{}',
  controlling_groups text[] not null default '{}',
  assigned_users text[] not null default '{}',
  child_case uuid,
  previous_work_item uuid,
  document uuid,
  -- The join behind the item has opened with it, which tells this round of a loop from an earlier one.
  is_joined boolean not null default false,
  version bigint not null default 1,
  created_at timestamptz not null,
  modified_at timestamptz not null,
  created_by_user text,
  created_by_group text,
  modified_by_user text,
  modified_by_group text
);

create index work_items_family on work_items (family);
create index work_items_case on work_items (case_id, created_at, id);
create unique index work_items_child_case on work_items (child_case) where child_case is not null;
create index work_items_previous on work_items (previous_work_item) where previous_work_item is not null;
create index work_items_status on work_items (status, created_at, id);
create index work_items_task on work_items (task, created_at, id);
create index work_items_created_at on work_items (created_at, id);
create index work_items_closed_at on work_items (closed_at, id);
create index work_items_deadline on work_items (deadline, id) where deadline is not null;
create index work_items_addressed_groups on work_items using gin (addressed_groups);
create index work_items_controlling_groups on work_items using gin (controlling_groups);
create index work_items_assigned_users on work_items using gin (assigned_users);
create index work_items_meta on work_items using gin (meta jsonb_path_ops);

-- What happened, in order, without gaps within a family.
create table events (
  family uuid not null,
  seq bigint not null,
  name text not null,
  -- The mutation that caused the event, also when the event is a nested one.
  sender text not null,
  case_id uuid not null,
  work_item uuid,
  task text,
  actor_user text,
  actor_group text,
  context jsonb,
  created_at timestamptz not null,
  primary key (family, seq)
);
