package dev.playground.monitoring.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.dashboards.Dashboard.Query;
import dev.playground.monitoring.dashboards.Expression.Selector;
import dev.playground.monitoring.dashboards.Expression.Syntax;
import dev.playground.monitoring.testkit.Json;
import io.micronaut.json.tree.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Each PromQL and LogQL expression of dashboards, rules and pages, read by its own grammar. */
class ExpressionsTest {
    private static final List<Expression> ALL = Expression.all();
    private static final List<Expression> PROMQL =
            ALL.stream().filter(e -> e.language().equals("promql")).toList();
    private static final List<Expression> LOGQL =
            ALL.stream().filter(e -> e.language().equals("logql")).toList();
    private static final List<Query> QUERIES = Dashboard.queries().toList();

    private static final Pattern LEGEND_LABEL = Pattern.compile("\\{\\{\\s*(\\w+)\\s*}}");
    private static final Pattern AGGREGATION = Pattern.compile("\\b(sum|max|min|count)\\b");
    private static final Pattern RANGE = Pattern.compile("\\[([^]:]+)");

    private static final Pattern EXCLUDED = Pattern.compile("route!~\"/metrics[^\"]*\"");

    private static Map<Expression, Syntax> syntax;

    @BeforeAll
    static void parse() {
        syntax = Expression.parse(ALL);
    }

    @Test
    void areFoundInPanelsRulesLinksAndPages() {
        assertThat(PROMQL.stream().map(Expression::where)).contains("Watchdog", "runbook.md");
        assertThat(LOGQL.stream().map(Expression::where))
                .contains("README.md", "a link of Grafana");
        assertThat(ALL).containsAll(QUERIES.stream().map(Query::expression).toList());
    }

    /** Dashboards, rules and pages: otherwise a panel and its alert count other requests. */
    @Test
    void excludeTheSameRoutes() {
        assertThat(PROMQL)
                .flatMap(e -> EXCLUDED.matcher(e.expr()).results().map(MatchResult::group).toList())
                .hasSizeGreaterThan(10)
                .containsOnly(
                        "route!~\"/metrics|/health/.*|/faults|/incidents.*|/ledger|/series|/notifications|/logs/.*|/page/.*\"");
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void parses(Expression expression) {
        assertThat(syntax.get(expression).error()).isEmpty();
    }

    @ParameterizedTest
    @FieldSource("PROMQL")
    void promQlNamesExportedMetricsAndLabels(Expression expression) throws Exception {
        Map<String, Set<String>> series = Telemetry.series();

        Set<String> labels = new HashSet<>();
        for (Selector selector : syntax.get(expression).selectors()) {
            assertThat(series).containsKey(selector.metric());
            labels.addAll(series.get(selector.metric()));
            assertThat(series.get(selector.metric()))
                    .as(selector.text())
                    .containsAll(selector.labels());
        }
        assertThat(labels).containsAll(syntax.get(expression).grouping());
    }

    @ParameterizedTest
    @FieldSource("LOGQL")
    void logQlNamesLabelsAndMetadataOfTheContract(Expression expression) {
        Set<String> contract = Telemetry.logNames();

        assertThat(contract).contains("app", "namespace", "instance", "level", "trace_id");
        assertThat(syntax.get(expression).labels())
                .filteredOn(label -> !contract.contains(label))
                .isSubsetOf(syntax.get(expression).extracted());
    }

    @ParameterizedTest
    @FieldSource("QUERIES")
    void legendNamesLabelsThatTheQueryKeeps(Query query) {
        Stream<String> named = groups(LEGEND_LABEL, Json.string(query.json(), "legendFormat"));

        if (AGGREGATION.matcher(query.expr()).find()) {
            assertThat(syntax.get(query.expression()).grouping()).containsAll(named.toList());
        } else if (query.datasource().equals("prometheus")) {
            // Not aggregated: the labels of a target remain.
            assertThat(named).isSubsetOf("instance");
        }
    }

    @ParameterizedTest
    @FieldSource("QUERIES")
    void rangeFollowsTheResolutionOfTheGraph(Query query) {
        List<String> allowed = List.of("$__rate_interval", "$__range");
        if (query.datasource().equals("loki")) {
            allowed = List.of("$__auto");
        } else if (Json.at(query.json(), "instant").equals(JsonNode.createBooleanNode(true))) {
            allowed = List.of("1m", "5m", "7d"); // the present, and the objective
        }

        assertThat(groups(RANGE, query.expr())).isSubsetOf(allowed);
    }

    private static Stream<String> groups(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(match -> match.group(1));
    }

    /** The script's own reading of the two syntax trees. */
    @Test
    void scriptFindsSelectorsGroupingsAndExtractedLabels() {
        Expression promQl =
                new Expression(
                        "promql",
                        "",
                        "sum by (job) (rate(a:b_total{code=~\"5..{}\", job!=\"x\"}[5m] offset 1m))"
                                + " / on (job) group_left (team) absent(up) unless vector(time())");
        Expression logQl =
                new Expression(
                        "logql",
                        "",
                        "sum by (level) (rate({app=\"x\"} | pattern \"<cause>\" | id=\"1\" [5m]))");
        Map<Expression, Syntax> found = Expression.parse(List.of(promQl, logQl));

        assertThat(found.get(promQl).selectors())
                .containsExactly(
                        new Selector(
                                "a:b_total",
                                "a:b_total{code=~\"5..{}\", job!=\"x\"}",
                                List.of("code", "job")),
                        new Selector("up", "up", List.of()));
        assertThat(found.get(promQl).grouping()).containsExactlyInAnyOrder("job", "team");
        assertThat(found.get(logQl).labels()).containsExactlyInAnyOrder("level", "app", "id");
        assertThat(found.get(logQl).extracted()).containsExactly("cause");
    }
}
