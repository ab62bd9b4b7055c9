package dev.playground.monitoring.dashboards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.playground.monitoring.dashboards.Dashboard.Panel;
import dev.playground.monitoring.dashboards.Dashboard.Query;
import dev.playground.monitoring.dashboards.Dashboard.Variable;
import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.Project;
import io.micronaut.json.tree.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Dashboards and data sources as Grafana's file provisioning takes them, and as a reader does. */
public class DashboardsTest {
    private static final int WIDTH = 24;

    /** The last version of the classic format; what comes after is read by newer Grafanas only. */
    private static final int NEWEST_SCHEMA = 41;

    private static final Set<String> DATASOURCES = Set.of("prometheus", "loki");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{?(\\w+)");
    private static final Pattern LEGEND_LABEL = Pattern.compile("\\{\\{\\s*(\\w+)\\s*}}");

    static Stream<Dashboard> dashboards() {
        return Dashboard.all().stream();
    }

    static Stream<Panel> panels() {
        return dashboards().flatMap(dashboard -> dashboard.panels().stream());
    }

    static Stream<Query> queries() {
        return panels().flatMap(panel -> panel.queries().stream());
    }

    @Test
    void thereAreTheFourAndEachHasItsOwnUidAndTitle() {
        assertThat(dashboards())
                .extracting(Dashboard::uid)
                .containsExactlyInAnyOrder("service", "jvm", "log-pipeline", "monitoring-stack");
        assertThat(dashboards()).extracting(Dashboard::title).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void isInTheFormatThatGrafanaReadsFromAFile(Dashboard dashboard) {
        assertThat(dashboard.file()).isEqualTo(dashboard.uid() + ".json");
        assertThat(Json.number(dashboard.json(), "schemaVersion"))
                .isBetween(39, NEWEST_SCHEMA); // 39: the first of which nothing is migrated
        // What an export asks the importing user for; nobody answers a file.
        assertThat(dashboard.json().get("__inputs")).isNull();
        assertThat(Json.strings(dashboard.json()))
                .noneMatch(string -> string.contains("${DS_"))
                .noneMatch(string -> string.contains("$datasource"));
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void showsTheLastMinutesAndFollowsThem(Dashboard dashboard) {
        assertThat(Json.string(dashboard.json(), "refresh")).isIn("5s", "10s");
        assertThat(Json.string(dashboard.json(), "time", "from")).isEqualTo("now-15m");
        assertThat(Json.string(dashboard.json(), "time", "to")).isEqualTo("now");
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void noTwoPanelsHaveOneIdOrOnePlace(Dashboard dashboard) {
        List<JsonNode> all = Json.list(dashboard.json(), "panels");

        assertThat(all).extracting(panel -> Json.number(panel, "id")).doesNotHaveDuplicates();
        Set<List<Integer>> taken = new HashSet<>();
        for (JsonNode panel : all) {
            JsonNode place = panel.get("gridPos");
            int x = Json.number(place, "x");
            int y = Json.number(place, "y");
            int right = x + Json.number(place, "w");
            int bottom = y + Json.number(place, "h");
            assertThat(right).as(Json.string(panel, "title")).isBetween(x + 1, WIDTH);
            for (int column = x; column < right; column++) {
                for (int row = y; row < bottom; row++) {
                    assertThat(taken.add(List.of(column, row)))
                            .as("%s: nothing else at %d, %d", panel.get("title"), column, row)
                            .isTrue();
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void noTwoPanelsHaveOneTitle(Dashboard dashboard) {
        assertThat(dashboard.panels()).extracting(Panel::title).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void leadsToTheOthers(Dashboard dashboard) {
        Set<String> others =
                dashboards()
                        .filter(other -> !other.uid().equals(dashboard.uid()))
                        .map(other -> "/d/" + other.uid())
                        .collect(Collectors.toSet());

        assertThat(Json.list(dashboard.json(), "links"))
                .extracting(link -> Json.string(link, "url"))
                .containsExactlyInAnyOrderElementsOf(others);
    }

    @Test
    void everyLinkWithinGrafanaEndsSomewhere() {
        Stream<String> urls =
                Stream.concat(
                        dashboards()
                                .flatMap(dashboard -> Json.strings(dashboard.json()).stream())
                                .filter(string -> string.startsWith("/")),
                        Datasources.derivedFields().stream().map(Datasources::url));
        Set<String> known = dashboards().map(Dashboard::uid).collect(Collectors.toSet());

        assertThat(urls.filter(url -> url.startsWith("/d/")))
                .isNotEmpty()
                .allMatch(url -> known.contains(url.substring("/d/".length()).split("[?/]")[0]));
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void everyVariableIsDefinedAndUsed(Dashboard dashboard) {
        Set<String> used =
                dashboard.panels().stream()
                        .flatMap(panel -> panel.queries().stream())
                        .flatMap(query -> VARIABLE.matcher(query.expr()).results())
                        .map(match -> match.group(1))
                        .filter(name -> !name.startsWith("__"))
                        .collect(Collectors.toSet());

        assertThat(dashboard.variables())
                .extracting(Variable::name)
                .containsExactlyInAnyOrderElementsOf(used);
    }

    @Test
    void theDashboardOfTheServiceIsReadByInstanceAndRoute() {
        Dashboard service =
                dashboards().filter(d -> d.uid().equals("service")).findFirst().orElseThrow();

        assertThat(service.variables())
                .extracting(Variable::name)
                .containsExactly("instance", "route");
        assertThat(service.variables())
                .allSatisfy(
                        variable -> {
                            assertThat(Json.string(variable.json(), "allValue")).isEqualTo(".*");
                            assertThat(Json.string(variable.json(), "current", "value"))
                                    .isEqualTo("$__all");
                        });
    }

    @ParameterizedTest
    @MethodSource("panels")
    void thePanelSaysWhatItShowsAndInWhichUnit(Panel panel) {
        assertThat(panel.title()).isNotBlank();
        assertThat(Json.string(panel.json(), "description")).endsWith(".");
        assertThat(panel.queries()).isNotEmpty();
        JsonNode field = Json.at(panel.json(), "fieldConfig", "defaults");
        switch (panel.type()) {
            case "logs" -> {}
            case "heatmap" ->
                    assertThat(Json.string(panel.json(), "options", "yAxis", "unit"))
                            .isEqualTo("ms");
            default ->
                    // Or words instead of numbers.
                    assertThat(
                                    !Json.string(field, "unit").isEmpty()
                                            || !Json.list(field, "mappings").isEmpty())
                            .isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("panels")
    void aPanelThatIsEmptyWhenHealthySaysSoWhereOneReads(Panel panel) {
        assertThat(Json.string(panel.json(), "description").contains("Empty when healthy"))
                .isEqualTo(panel.isEmptyWhenHealthy());
        assertThat(noValue(panel).equals("none (healthy)")).isEqualTo(panel.isEmptyWhenHealthy());
    }

    @ParameterizedTest
    @MethodSource("panels")
    void aPanelOfRequestsOrLinesSaysThatThereAreNoneYet(Panel panel) {
        boolean emptyOnAFreshStack =
                panel.queries().stream()
                        .map(Query::expr)
                        .anyMatch(expr -> expr.matches("(?s).*(req_response_time_|\\{app=).*"));

        if (emptyOnAFreshStack) {
            assertThat(noValue(panel)).isNotEmpty();
        }
    }

    private static String noValue(Panel panel) {
        return Json.string(panel.json(), "fieldConfig", "defaults", "noValue");
    }

    @ParameterizedTest
    @MethodSource("queries")
    void theQueryGoesToOneOfTheTwoDataSources(Query query) {
        assertThat(query.datasource()).isIn(DATASOURCES);
        assertThat(Json.string(query.json(), "datasource", "type")).isEqualTo(query.datasource());
        assertThat(Json.string(query.panel().json(), "datasource", "uid"))
                .isEqualTo(query.datasource());
        assertThat(query.expr()).isNotBlank();
    }

    @Test
    void noDataSourceIsNamedButTheTwo() {
        assertThat(dashboards().map(Dashboard::json).flatMap(DashboardsTest::datasourceUids))
                .isNotEmpty()
                .allMatch(DATASOURCES::contains);
    }

    @ParameterizedTest
    @MethodSource("queries")
    void aLegendNamesLabelsThatTheQueryKeeps(Query query) {
        Set<String> named =
                LEGEND_LABEL
                        .matcher(query.legend())
                        .results()
                        .map(label -> label.group(1))
                        .collect(Collectors.toSet());

        if (query.expr().matches("(?s).*\\b(sum|max|min|count)\\b.*")) {
            assertThat(PromQl.of(query.expr()).groupingLabels()).containsAll(named);
        } else if (query.datasource().equals("prometheus")) {
            // Nothing is summed: what a target or its metric brings is there.
            assertThat(named).isSubsetOf("instance");
        }
    }

    @ParameterizedTest
    @MethodSource("queries")
    void aRateLooksAsFarBackAsTheScreenIsCoarse(Query query) {
        Stream<String> ranges =
                Pattern.compile("\\[([^]]+)]")
                        .matcher(query.expr())
                        .results()
                        .map(range -> range.group(1));
        boolean instant = Json.at(query.json(), "instant").equals(JsonNode.createBooleanNode(true));

        assertThat(ranges)
                .allSatisfy(
                        range -> {
                            if (query.datasource().equals("loki")) {
                                assertThat(range).isEqualTo("$__auto");
                            } else if (instant) {
                                // Of now, and of the objective.
                                assertThat(range).isIn("1m", "5m", "7d");
                            } else {
                                assertThat(range).isIn("$__rate_interval", "$__range");
                            }
                        });
    }

    @Test
    void grafanaKnowsTheThreeDataSourcesUnderFixedUids() {
        assertThat(Datasources.all())
                .extracting(datasource -> datasource.get("uid"))
                .containsExactly("prometheus", "loki", "alertmanager");
        assertThat(Datasources.all())
                .allSatisfy(
                        datasource ->
                                assertThat(datasource)
                                        .containsEntry("type", datasource.get("uid"))
                                        .containsEntry("access", "proxy")
                                        .containsEntry("editable", false));
    }

    @Test
    void onlyAddressesComeFromTheEnvironmentAndEveryOtherDollarIsDoubled() {
        String file = Project.text(Project.FILES.resolve(Datasources.FILE));

        Stream<String> single =
                Pattern.compile("(?<!\\$)\\$(?!\\$)\\S*")
                        .matcher(file.replaceAll("(?m)^\\s*#.*", "").replace("$$", ""))
                        .results()
                        .map(MatchResult::group);
        assertThat(single)
                .containsExactly("${PROMETHEUS_URL}", "${LOKI_URL}", "${ALERTMANAGER_URL}");
        assertThat(Project.map(services("grafana"), "environment"))
                .containsKeys("PROMETHEUS_URL", "LOKI_URL", "ALERTMANAGER_URL");
    }

    @Test
    void anExemplarOpensTheLogLinesOfItsRequest() {
        assertThat(Datasources.exemplarLinks())
                .singleElement()
                .satisfies(
                        link -> {
                            assertThat(link).containsEntry("name", "trace_id");
                            expectLinesOfOneRequest(link);
                        });
    }

    @Test
    void aLogLineOpensItsWholeRequestAndTheMetricsOfItsMoment() {
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

    /** With a datasourceUid Grafana would ask `query` of Loki, which knows `expr` alone. */
    private static void expectLinesOfOneRequest(Map<String, Object> link) {
        assertThat(link).doesNotContainKey("datasourceUid");
        ExploreLink explore = ExploreLink.of(Datasources.url(link));
        expectLokiQueryOfTheSameTime(explore);
        assertThat(explore.expressions())
                .singleElement(STRING)
                .endsWith("| trace_id=\"${__value.raw}\"");
    }

    @Test
    void aGraphOfErrorsOpensTheirLinesOfTheSameTimeAndInstance() {
        assertThat(ExploreLink.ofGraphs())
                .isNotEmpty()
                .allSatisfy(
                        link -> {
                            expectLokiQueryOfTheSameTime(link);
                            assertThat(link.expressions())
                                    .singleElement(STRING)
                                    .contains("instance=~\"${instance:pipe}\"");
                        });
    }

    @Test
    void theTwoFilesOfAlertmanagerDifferInTheReceiverAlone() {
        Map<String, Object> page = alertmanager("alertmanager.yml");
        Map<String, Object> webhook = alertmanager("webhook.yml");

        assertThat(page.remove("receivers")).isEqualTo(List.of(Map.of("name", "default")));
        assertThat(webhook.remove("receivers"))
                .isEqualTo(
                        List.of(
                                Map.of(
                                        "name",
                                        "default",
                                        "webhook_configs",
                                        List.of(
                                                Map.of(
                                                        "url_file",
                                                        "/etc/alertmanager/webhook/url",
                                                        "send_resolved",
                                                        true)))));
        assertThat(webhook).isEqualTo(page);
    }

    private static Map<String, Object> alertmanager(String file) {
        return Project.yaml(Project.FILES.resolve("alertmanager").resolve(file));
    }

    private static Map<String, Object> services(String name) {
        return Project.map(Project.map(Project.compose(), "services"), name);
    }

    private static void expectLokiQueryOfTheSameTime(ExploreLink link) {
        assertThat(link.parameters())
                .containsEntry("schemaVersion", "1")
                .containsEntry("orgId", "1")
                .containsKey("panes");
        assertThat(link.panes())
                .singleElement()
                .satisfies(
                        pane -> {
                            assertThat(Json.string(pane, "datasource")).isEqualTo("loki");
                            assertThat(pane.get("range"))
                                    .isEqualTo(
                                            JsonNode.from(
                                                    Map.of("from", "${__from}", "to", "${__to}")));
                        });
        assertThat(link.queries())
                .singleElement()
                .satisfies(
                        query -> {
                            assertThat(Json.string(query, "datasource", "uid")).isEqualTo("loki");
                            assertThat(Json.string(query, "refId")).isEqualTo("A");
                        });
    }

    private static Stream<String> datasourceUids(JsonNode node) {
        if (!node.isContainerNode()) {
            return Stream.empty();
        }
        Stream<String> here =
                node.isObject() && node.get("datasource") != null
                        ? Stream.of(Json.string(node, "datasource", "uid"))
                        : Stream.empty();
        Stream.Builder<JsonNode> children = Stream.builder();
        node.values().forEach(children);
        return Stream.concat(here, children.build().flatMap(DashboardsTest::datasourceUids));
    }
}
