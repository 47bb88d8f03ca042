-- Since when a person has had the item's form open, without having begun; null where nobody has.
alter table work_items add column prepared_at timestamptz;
-- Elements, as JSON texts, that were added to a sequence of child cases after it had begun; null for none.
alter table work_items add column added_elements text[];
-- The item has done its work, and failed only at finding what follows.
alter table work_items add column is_stalled boolean;
