-- What an event changed, so that the log alone tells what the rows are.

-- The row of the event as it was when it was told (`case`, `work_item`; `parent`: the work item of a new child
-- case), with the columns' names, and `items`: the work items that a case is reopened with or a join counts.
alter table events add column data jsonb;

-- What happened to definitions, in one order.
create table definition_events (
  seq bigint primary key,
  name text not null,
  -- The workflow, also for events of its flows.
  workflow text,
  task text,
  actor_user text,
  actor_group text,
  -- The definition as it was saved, or as it was before it was removed.
  data jsonb not null,
  created_at timestamptz not null
);

create index definition_events_workflow on definition_events (workflow, seq) where workflow is not null;
create index definition_events_task on definition_events (task, seq) where task is not null;

-- Every filter and order of lists that grow has an index.

-- The plain operator class knows whether a key exists, too.
drop index cases_meta;
create index cases_meta on cases using gin (meta);
drop index work_items_meta;
create index work_items_meta on work_items using gin (meta);

-- Items without a deadline stand last.
drop index work_items_deadline;
create index work_items_deadline on work_items (deadline, created_at, id);
drop index work_items_closed_at;
create index work_items_closed_at on work_items (closed_at, created_at, id);

create index cases_modified_at on cases (modified_at, created_at, id);
create index cases_created_by_user on cases (created_by_user, created_at, id) where created_by_user is not null;
create index cases_created_by_group on cases (created_by_group, created_at, id) where created_by_group is not null;
create index cases_modified_by_user on cases (modified_by_user, created_at, id) where modified_by_user is not null;
create index cases_modified_by_group on cases (modified_by_group, created_at, id)
  where modified_by_group is not null;
create index work_items_modified_at on work_items (modified_at, created_at, id);
create index work_items_created_by_user on work_items (created_by_user, created_at, id)
  where created_by_user is not null;
create index work_items_created_by_group on work_items (created_by_group, created_at, id)
  where created_by_group is not null;
create index work_items_modified_by_user on work_items (modified_by_user, created_at, id)
  where modified_by_user is not null;
create index work_items_modified_by_group on work_items (modified_by_group, created_at, id)
  where modified_by_group is not null;
