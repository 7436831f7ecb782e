-- To whom the records of sessions are disclosed; parent is empty.
CREATE TABLE disclosure (
  authority VARBINARY(63) NOT NULL,
  parent VARBINARY(191) NOT NULL,
  id VARBINARY(63) NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  deleted BOOLEAN NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  supervisee VARBINARY(191) NOT NULL,
  disclosed_to VARBINARY(191) NULL,
  start_date DATE NOT NULL,
  end_date DATE NULL,
  state MEDIUMBLOB NOT NULL,
  PRIMARY KEY (authority, parent, id),
  KEY disclosure_by_reader (authority, disclosed_to)
) ENGINE=InnoDB;
