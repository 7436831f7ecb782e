-- Who supervises a worker; parent is workers/{worker}, supervisor the whole resource name. A link holds from
-- start_date up to, but not on, end_date.
CREATE TABLE supervisor_link (
  authority VARBINARY(63) NOT NULL,
  parent VARBINARY(191) NOT NULL,
  id VARBINARY(63) NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  deleted BOOLEAN NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  supervisor VARBINARY(191) NOT NULL,
  start_date DATE NOT NULL,
  end_date DATE NULL,
  state MEDIUMBLOB NOT NULL,
  PRIMARY KEY (authority, parent, id),
  KEY supervisor_link_by_supervisor (authority, supervisor, start_date)
) ENGINE=InnoDB;
