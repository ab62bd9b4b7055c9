// What a dashboard's file may hold: Grafana's own schema, with the options that each kind of panel
// has, and the project's rules. A name or a value that is not in it does not compile.
import type { AnnotationQuery, Dashboard, Panel, RowPanel, VariableModel } from '@grafana/schema';
import type * as heatmap from '@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen';
import type * as logs from '@grafana/schema/dist/esm/raw/composable/logs/panelcfg/x/LogsPanelCfg_types.gen';
import type { LokiDataQuery } from '@grafana/schema/dist/esm/raw/composable/loki/dataquery/x/LokiDataQuery_types.gen';
import type * as stat from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as timeseries from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

type Datasource<Name> = { type: Name; uid: Name };
type AnyDatasource = Datasource<'prometheus'> | Datasource<'loki'>;

/** As JSON has it: of an enum its values. A data source is one of the two, wherever it stands. */
type Json<T> = T extends string
  ? `${T}`
  : T extends object
    ? { [K in keyof T]: K extends 'datasource' ? T[K] & AnyDatasource : Json<T[K]> }
    : T;

/** Grafana publishes no type for these; the names are those of its query editor. */
interface PrometheusQuery {
  refId: string;
  datasource: Datasource<'prometheus'>;
  expr: string;
  range: boolean;
  instant: boolean;
  legendFormat: string;
  format?: 'heatmap';
  exemplar?: boolean;
}

type LokiQuery = Omit<LokiDataQuery, 'datasource'> & { datasource: Datasource<'loki'> };

/** A panel explains itself, and sends its queries, at least one, to its own data source. */
type PanelOf<Type, Options, Custom = object> = Omit<
  Panel<never, Partial<Custom>>,
  'type' | 'options' | 'title' | 'description' | 'datasource' | 'targets'
> & { type: Type; options: Partial<Options>; title: string; description: `${string}.` } & (
    | { datasource: Datasource<'prometheus'>; targets: [PrometheusQuery, ...PrometheusQuery[]] }
    | { datasource: Datasource<'loki'>; targets: [LokiQuery, ...LokiQuery[]] }
  );

/** A rate names what it counts; `cps`, Grafana's counts per second, would show as "c/s". */
type Unit = 'short' | 'percentunit' | 's' | 'ms' | 'bytes' | 'Bps' | 'reqps' | 'dateTimeFromNow' | `${string}/s`;

/** Numbers have a unit, or words in their place. */
type WithUnit = { fieldConfig: { defaults: { unit: Unit } | { mappings: [object, ...object[]] } } };

/** If all values are 0, Grafana draws an axis up to 100, which may be 100 s or 10,000 %. */
type WithAxis = { fieldConfig: { defaults: { max: number } | { custom: { axisSoftMax: number } } } };

type KnownPanel =
  | RowPanel
  | (PanelOf<'stat', stat.Options> & WithUnit)
  | (PanelOf<'timeseries', timeseries.Options, timeseries.FieldConfig> & WithUnit & WithAxis)
  | (PanelOf<'heatmap', heatmap.Options, heatmap.FieldConfig> & { options: { yAxis: { unit: 'ms' } } })
  | PanelOf<'logs', logs.Options>;

/** All values are chosen at first, those that a new series brings, too. */
type Variable = VariableModel & { allValue: '.*'; current: { value: '$__all' } };

// playground:start
/**
 * The same bands on each dashboard. Grafana joins points that are at most a step apart. A point covers 5 s
 * before and after it, so at a step of 10 s both ends of the band are exact to one scrape. Without a scrape in
 * these 10 s it has the value of the latest: the interval of a ServiceMonitor may be longer.
 */
type Band<Name extends string, Metric extends string, Title extends string, Text extends string> = AnnotationQuery & {
  name: Name;
  enable: true;
  datasource: Datasource<'prometheus'>;
  expr: `(max_over_time(${Metric}{job="backend-monitoring"}[$__interval] offset -5s) or max without () (${Metric}{job="backend-monitoring"})) > 0`;
  step: '10s';
  titleFormat: `${Title} on {{instance}}`;
  textFormat: Text;
};
type Faults = Band<'Faults', 'fault_active', 'Fault', '{{fault}}'>;
type Incidents = Band<'Incidents', 'incident_active', 'Incident', 'An incident runs'>;

// playground:end
/** Provisioned from a file: Grafana migrates schema versions below 39, and 12 reads up to 41. */
type File = Omit<Dashboard, 'annotations' | 'panels' | 'templating'> & {
  annotations: {
    list: [
      // playground:start
      Faults,
      Incidents,
      // playground:end
    ];
  };
  schemaVersion: 39 | 40 | 41;
  refresh: '5s' | '10s';
  time: { from: 'now-15m'; to: 'now' };
  templating: { list: Variable[] };
  panels: KnownPanel[];
};

export type DashboardFile<Uid extends string> = Json<File> & { uid: Uid };
