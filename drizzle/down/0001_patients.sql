-- Takes back 0001: patients.

drop table patients;
