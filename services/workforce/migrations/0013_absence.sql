-- Days away of a worker; parent is workers/{worker}. Both days belong to the absence.
CREATE TABLE absence (
  authority VARBINARY(63) NOT NULL,
  parent VARBINARY(191) NOT NULL,
  id VARBINARY(63) NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  deleted BOOLEAN NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  first_date DATE NOT NULL,
  last_date DATE NULL,
  state MEDIUMBLOB NOT NULL,
  PRIMARY KEY (authority, parent, id),
  KEY absence_by_first_date (authority, first_date)
) ENGINE=InnoDB;
