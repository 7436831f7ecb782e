-- The policies that an authority has taken on.
CREATE TABLE policy_assignment (
  authority VARBINARY(63) NOT NULL,
  parent VARBINARY(191) NOT NULL,
  id VARBINARY(63) NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  deleted BOOLEAN NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  state MEDIUMBLOB NOT NULL,
  policy VARBINARY(191) NULL,
  PRIMARY KEY (authority, parent, id)
) ENGINE=InnoDB;
