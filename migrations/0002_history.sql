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
