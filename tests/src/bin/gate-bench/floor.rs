//! The floor of recording: the rows that Gate wrote, read back and written into a fresh database of
//! the same schema, as bare SQLite does it with one commit for each promotion.

use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, Connection, Row, TypeInfo, ValueRef};

/// What a store holds.
pub(crate) struct Floor {
    schema: Vec<String>,
    tables: Vec<Rows>,
    promotions: usize,
}

struct Rows {
    table: String,
    rows: Vec<Vec<Cell>>,
}

#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Null,
    Integer(i64),
    Text(String),
    Blob(Vec<u8>),
}

impl Floor {
    /// Reads a store that no process holds.
    pub(crate) fn read(store: &Path) -> Result<Self> {
        runtime()?.block_on(async {
            let mut connection =
                SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(store))
                    .await?;
            let objects = "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL \
                           AND name NOT LIKE 'sqlite_%' ORDER BY rowid";
            let objects: Vec<(String, String, String)> =
                sqlx::query_as(objects).fetch_all(&mut connection).await?;
            let mut tables = vec![];
            for (_, table, _) in objects.iter().filter(|(sort, ..)| sort == "table") {
                let select = format!("SELECT * FROM \"{table}\"");
                let rows = sqlx::query(AssertSqlSafe(select)).fetch_all(&mut connection).await?;
                let rows = rows.iter().map(cells).collect::<Result<_>>()?;
                tables.push(Rows { table: table.clone(), rows });
            }
            connection.close().await?;
            let leaves = tables.iter().find(|rows| rows.table == "leaves");
            let promotions = leaves.context("the store has no leaves")?.rows.len();
            let schema = objects.into_iter().map(|(.., sql)| sql).collect();
            Ok(Self { schema, tables, promotions })
        })
    }

    /// Writes everything, with as many commits as there were promotions.
    pub(crate) fn commits_per_second(&self, path: &Path) -> Result<f64> {
        runtime()?.block_on(async {
            let options = SqliteConnectOptions::new()
                .filename(path)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                // Rows of different tables come in another order than they were made in.
                .foreign_keys(false);
            let mut connection = SqliteConnection::connect_with(&options).await?;
            for sql in &self.schema {
                sqlx::query(AssertSqlSafe(sql.clone())).execute(&mut connection).await?;
            }
            let begin = Instant::now();
            for at in 0..self.promotions {
                self.commit(at, &mut connection).await?;
            }
            let took = begin.elapsed();
            connection.close().await?;
            Ok(f64::from(u32::try_from(self.promotions)?) / took.as_secs_f64())
        })
    }

    /// One promotion's share of every table's rows, in one go: nothing waits but the commit.
    async fn commit(&self, at: usize, connection: &mut SqliteConnection) -> Result<()> {
        let mut sql = "BEGIN IMMEDIATE".to_owned();
        let mut values = SqliteArguments::default();
        for Rows { table, rows } in &self.tables {
            let share = |at: usize| rows.len() * at / self.promotions;
            for row in &rows[share(at)..share(at + 1)] {
                let marks = vec!["?"; row.len()].join(", ");
                write!(sql, "; INSERT INTO \"{table}\" VALUES ({marks})")?;
                for cell in row {
                    bind(&mut values, cell)?;
                }
            }
        }
        sql.push_str("; COMMIT");
        sqlx::query_with(AssertSqlSafe(sql), values).execute(connection).await?;
        Ok(())
    }
}

fn bind(values: &mut SqliteArguments, cell: &Cell) -> Result<()> {
    use sqlx::Arguments;
    match cell.clone() {
        Cell::Null => values.add(None::<i64>),
        Cell::Integer(value) => values.add(value),
        Cell::Text(value) => values.add(value),
        Cell::Blob(value) => values.add(value),
    }
    .map_err(|error| anyhow::anyhow!("{error}"))
}

fn cells(row: &SqliteRow) -> Result<Vec<Cell>> {
    (0..row.len())
        .map(|at| {
            let value = row.try_get_raw(at)?;
            Ok(match value.type_info().name() {
                _ if value.is_null() => Cell::Null,
                "INTEGER" => Cell::Integer(row.try_get(at)?),
                "TEXT" => Cell::Text(row.try_get(at)?),
                "BLOB" => Cell::Blob(row.try_get(at)?),
                other => anyhow::bail!("the store has a column of {other}"),
            })
        })
        .collect()
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_writes_the_rows_that_it_read() {
        let folder = tempfile::tempdir().unwrap();
        let [store, copy] = ["store.db", "copy.db"].map(|name| folder.path().join(name));
        let options = SqliteConnectOptions::new().filename(&store).create_if_missing(true);
        runtime().unwrap().block_on(async {
            let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
            let sql = "CREATE TABLE leaves (position INTEGER PRIMARY KEY, bytes BLOB) STRICT;
                       CREATE TABLE words (word TEXT NOT NULL UNIQUE) STRICT;
                       CREATE INDEX by_bytes ON leaves (bytes);
                       INSERT INTO leaves VALUES (0, x'00ff'), (1, NULL), (2, x'');
                       INSERT INTO words VALUES ('a'), ('b'), ('c'), ('d')";
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        });
        let floor = Floor::read(&store).unwrap();
        assert_eq!(floor.promotions, 3);
        assert!(floor.commits_per_second(&copy).unwrap() > 0.0);
        let again = Floor::read(&copy).unwrap();
        assert_eq!(again.schema, floor.schema);
        for (copied, rows) in again.tables.iter().zip(&floor.tables) {
            assert_eq!(copied.rows, rows.rows, "{}", rows.table);
        }
    }
}
