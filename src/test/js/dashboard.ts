// What a dashboard's file may hold: Grafana's own schema, with the options that each kind of panel
// has. A name or a value that is not in it does not compile.
import type { Dashboard, Panel, RowPanel } from '@grafana/schema';
import type * as heatmap from '@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen';
import type * as logs from '@grafana/schema/dist/esm/raw/composable/logs/panelcfg/x/LogsPanelCfg_types.gen';
import type { LokiDataQuery } from '@grafana/schema/dist/esm/raw/composable/loki/dataquery/x/LokiDataQuery_types.gen';
import type * as stat from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as timeseries from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

/** As JSON has it: of an enum its values. */
type Json<T> = T extends string ? `${T}` : T extends object ? { [K in keyof T]: Json<T[K]> } : T;

type Datasource<Name> = { type: Name; uid: Name };

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

type PanelOf<Type, Options, Custom = object> = Omit<
  Panel<never, Partial<Custom>>,
  'type' | 'options' | 'targets'
> & {
  type: Type;
  options: Partial<Options>;
  targets: Array<PrometheusQuery | LokiQuery>;
};

type KnownPanel =
  | RowPanel
  | PanelOf<'stat', stat.Options>
  | PanelOf<'timeseries', timeseries.Options, timeseries.FieldConfig>
  | PanelOf<'heatmap', heatmap.Options, heatmap.FieldConfig>
  | PanelOf<'logs', logs.Options>;

export type DashboardFile = Json<Omit<Dashboard, 'panels'> & { panels: KnownPanel[] }>;
