package dev.playground.monitoring.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Project;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Grafana's data sources, and the links from metrics to log lines and back. */
class DatasourcesTest {
    private static final Pattern SINGLE_DOLLAR = Pattern.compile("(?<!\\$)\\$(?!\\$)\\S*");

    @Test
    void areProvisionedUnderFixedUids() {
        assertThat(Datasources.all())
                .allMatch(datasource -> datasource.get("type").equals(datasource.get("uid")))
                .allMatch(datasource -> datasource.get("access").equals("proxy"))
                .allMatch(datasource -> datasource.get("editable").equals(false))
                .extracting(datasource -> datasource.get("uid"))
                .containsExactly("prometheus", "loki", "alertmanager");
    }

    @Test
    void takeAddressesAndTenantFromTheEnvironment() {
        String file = Project.text(Project.FILES.resolve(Datasources.FILE));
        String values = file.replaceAll("(?m)^\\s*#.*", "").replace("$$", "");

        assertThat(SINGLE_DOLLAR.matcher(values).results().map(MatchResult::group))
                .containsExactly(
                        "${PROMETHEUS_URL}",
                        "${LOKI_URL}",
                        "${LOKI_TENANT_HEADER}",
                        "${LOKI_TENANT}",
                        "${ALERTMANAGER_URL}");
        assertThat(Project.map(Project.composeService("grafana"), "environment"))
                .containsKeys("PROMETHEUS_URL", "LOKI_URL", "ALERTMANAGER_URL");
    }

    @Test
    void timeIntervalIsPrometheusScrapeInterval() {
        Map<String, Object> prometheus =
                Project.yaml(Project.FILES.resolve("prometheus/prometheus.yml"));

        assertThat(Datasources.jsonData("prometheus"))
                .containsEntry(
                        "timeInterval", Project.map(prometheus, "global").get("scrape_interval"));
    }

    @Test
    void exemplarOpensTheLogLinesOfItsRequest() {
        assertThat(Datasources.exemplarLinks())
                .hasSize(1)
                .allMatch(link -> link.get("name").equals("trace_id"))
                .allSatisfy(DatasourcesTest::expectLinesOfOneRequest);
    }

    @Test
    void logLineLinksToRequestAndMetrics() {
        List<Map<String, Object>> fields = Datasources.derivedFields();

        assertThat(fields).hasSize(2).allMatch(field -> field.get("matcherType").equals("label"));
        assertThat(fields.get(0)).containsEntry("matcherRegex", "trace_id");
        expectLinesOfOneRequest(fields.get(0));
        assertThat(fields.get(1)).containsEntry("matcherRegex", "instance");
        assertThat(Datasources.url(fields.get(1)))
                .isEqualTo(
                        "/d/service?var-instance=${__value.raw}"
                                + "&time=${__data.fields.Time.numeric}&time.window=300000");
    }

    @Test
    void graphOpensTheLogLinesOfItsTimeAndInstance() {
        assertThat(ExploreLink.ofGraphs().map(ExploreLink::expr))
                .isNotEmpty()
                .allMatch(expr -> expr.contains("instance=~\"${instance:pipe}\""));
    }

    /** With a datasourceUid Grafana would send `query` to Loki, which reads `expr` only. */
    private static void expectLinesOfOneRequest(Map<String, Object> link) {
        assertThat(link).doesNotContainKey("datasourceUid");
        assertThat(new ExploreLink(Datasources.url(link)).expr())
                .endsWith("| trace_id=\"${__value.raw}\"");
    }
}
