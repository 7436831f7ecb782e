-- Checks midway between two reviews; parent is empty.
CREATE TABLE midway_check (
  authority VARBINARY(63) NOT NULL,
  parent VARBINARY(191) NOT NULL,
  id VARBINARY(63) NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  deleted BOOLEAN NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  case_name VARBINARY(191) NOT NULL,
  previous_review_date DATE NOT NULL,
  state MEDIUMBLOB NOT NULL,
  PRIMARY KEY (authority, parent, id),
  KEY midway_check_by_case (authority, case_name)
) ENGINE=InnoDB;
