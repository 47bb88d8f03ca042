-- The deadline of an item whose passing was told: each is told once, also one that was set to a moment in the past.
alter table work_items add column told_deadline timestamptz;
