-- What supervisor and supervisee agreed; parent is empty, supervisee and supervisor are whole resource names.
CREATE TABLE agreement (
  authority VARBINARY(63) NOT NULL,
  parent VARBINARY(191) NOT NULL,
  id VARBINARY(63) NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  deleted BOOLEAN NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  supervisee VARBINARY(191) NOT NULL,
  supervisor VARBINARY(191) NOT NULL,
  start_date DATE NOT NULL,
  end_date DATE NULL,
  state MEDIUMBLOB NOT NULL,
  PRIMARY KEY (authority, parent, id),
  KEY agreement_by_supervisee (authority, supervisee)
) ENGINE=InnoDB;
