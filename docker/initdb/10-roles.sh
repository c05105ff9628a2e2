#!/bin/bash
# Runs once, when the database server's volume is new: the two roles, the database, its extension.
# `hrt_owner` owns the tables and migrates them; `hrt_app` is the application and owns nothing.
set -eu
: "${HRT_OWNER_PASSWORD:?}" "${HRT_APP_PASSWORD:?}"

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv owner_password HRT_OWNER_PASSWORD
\getenv app_password HRT_APP_PASSWORD
CREATE ROLE hrt_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE hrt_app LOGIN PASSWORD :'app_password';
CREATE DATABASE hrt OWNER hrt_owner;
REVOKE ALL ON DATABASE hrt FROM PUBLIC;
GRANT CONNECT ON DATABASE hrt TO hrt_app;
\connect hrt
CREATE EXTENSION IF NOT EXISTS btree_gist;
SQL
