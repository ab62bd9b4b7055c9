package dev.playground.monitoring.dashboards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.Project;
import io.micronaut.json.tree.JsonNode;
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
    void takeOnlyAddressesFromTheEnvironment() {
        String file = Project.text(Project.FILES.resolve(Datasources.FILE));
        String values = file.replaceAll("(?m)^\\s*#.*", "").replace("$$", "");

        assertThat(SINGLE_DOLLAR.matcher(values).results().map(MatchResult::group))
                .containsExactly("${PROMETHEUS_URL}", "${LOKI_URL}", "${ALERTMANAGER_URL}");
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
                .singleElement()
                .satisfies(
                        link -> {
                            assertThat(link).containsEntry("name", "trace_id");
                            expectLinesOfOneRequest(link);
                        });
    }

    @Test
    void logLineOpensItsRequestAndTheMetricsOfItsMoment() {
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
        assertThat(ExploreLink.ofGraphs())
                .isNotEmpty()
                .allSatisfy(link -> expectLokiQuery(link, "instance=~\"${instance:pipe}\""));
    }

    /** With a datasourceUid Grafana would send `query` to Loki, which reads `expr` only. */
    private static void expectLinesOfOneRequest(Map<String, Object> link) {
        assertThat(link).doesNotContainKey("datasourceUid");
        ExploreLink explore = ExploreLink.of(Datasources.url(link));
        expectLokiQuery(explore, "");
        assertThat(explore.expressions())
                .singleElement(STRING)
                .endsWith("| trace_id=\"${__value.raw}\"");
    }

    /** One query to Loki, for the time range of the page with the link. */
    private static void expectLokiQuery(ExploreLink link, String part) {
        assertThat(link.parameters())
                .containsEntry("schemaVersion", "1")
                .containsEntry("orgId", "1")
                .containsKey("panes");
        assertThat(link.panes()).hasSize(1);
        assertThat(Json.string(link.panes().get(0), "datasource")).isEqualTo("loki");
        assertThat(link.panes().get(0).get("range"))
                .isEqualTo(JsonNode.from(Map.of("from", "${__from}", "to", "${__to}")));
        assertThat(link.queries())
                .hasSize(1)
                .allMatch(query -> Json.string(query, "datasource", "uid").equals("loki"))
                .allMatch(query -> Json.string(query, "refId").equals("A"));
        assertThat(link.expressions()).allMatch(expr -> expr.contains(part));
    }
}
