-- Sessions planned together; parent is empty.
CREATE TABLE planned_series (
  authority VARBINARY(63) NOT NULL,
  parent VARBINARY(191) NOT NULL,
  id VARBINARY(63) NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  deleted BOOLEAN NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  supervisee VARBINARY(191) NOT NULL,
  supervisor VARBINARY(191) NOT NULL,
  state MEDIUMBLOB NOT NULL,
  PRIMARY KEY (authority, parent, id),
  KEY planned_series_by_supervisee (authority, supervisee)
) ENGINE=InnoDB;
