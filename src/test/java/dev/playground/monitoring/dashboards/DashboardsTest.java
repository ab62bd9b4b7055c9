package dev.playground.monitoring.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.dashboards.Dashboard.Panel;
import dev.playground.monitoring.dashboards.Dashboard.Query;
import dev.playground.monitoring.dashboards.Dashboard.Variable;
import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.Project;
import io.micronaut.json.tree.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the type of a dashboard cannot express; {@link DashboardSchemaTest} checks the rest. */
public class DashboardsTest {
    private static final List<Dashboard> DASHBOARDS = Dashboard.all();
    private static final List<Panel> PANELS = Dashboard.allPanels().toList();

    private static final int WIDTH = 24;
    private static final String NEUTRAL = "#8e8e8e";

    private static final Pattern CALLS_OR_LINES = Pattern.compile("req_response_time_|\\{app=");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{?([a-z_]\\w*)");

    @Test
    void titlesAreDistinct() {
        assertThat(DASHBOARDS.stream())
                .extracting(Dashboard::uid)
                .containsExactlyInAnyOrder("service", "jvm", "log-pipeline", "monitoring-stack");
        assertThat(DASHBOARDS.stream()).extracting(Dashboard::title).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @FieldSource("DASHBOARDS")
    void panelsHaveDistinctIdsTitlesAndPlaces(Dashboard dashboard) {
        List<JsonNode> all = Json.list(dashboard.json(), "panels");

        assertThat(all).extracting(panel -> Json.number(panel, "id")).doesNotHaveDuplicates();
        assertThat(dashboard.panels()).extracting(Panel::title).doesNotHaveDuplicates();
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

    // playground:start
    /** So both ends of a band are exact to one scrape. */
    @ParameterizedTest
    @ValueSource(strings = {"Faults", "Incidents"})
    void pointOfBandCoversOneScrapeOnEachSide(String annotation) {
        Path file = Project.FILES.resolve("prometheus/prometheus.yml");
        String scrape = (String) Project.map(Project.yaml(file), "global").get("scrape_interval");
        JsonNode band = Dashboard.annotation(annotation);

        assertThat(Json.string(band, "expr")).contains("offset -" + scrape);
        assertThat(Duration.parse("PT" + Json.string(band, "step")))
                .isEqualTo(Duration.parse("PT" + scrape).multipliedBy(2));
    }

    // playground:end

    @ParameterizedTest
    @FieldSource("DASHBOARDS")
    void linksToTheOtherDashboards(Dashboard dashboard) {
        Stream<String> others =
                DASHBOARDS.stream().map(Dashboard::uid).filter(uid -> !uid.equals(dashboard.uid()));

        assertThat(Json.list(dashboard.json(), "links"))
                .extracting(link -> Json.string(link, "url"))
                .containsExactlyInAnyOrderElementsOf(others.map(uid -> "/d/" + uid).toList());
    }

    @Test
    void internalLinksResolve() {
        Stream<String> urls =
                Stream.concat(
                        DASHBOARDS.stream()
                                .flatMap(dashboard -> Json.strings(dashboard.json()).stream()),
                        Datasources.derivedFields().stream().map(Datasources::url));
        Set<String> known = DASHBOARDS.stream().map(Dashboard::uid).collect(Collectors.toSet());

        assertThat(urls.filter(url -> url.startsWith("/d/")))
                .isNotEmpty()
                .allMatch(url -> known.contains(url.split("[?/]")[2]));
    }

    @ParameterizedTest
    @FieldSource("DASHBOARDS")
    void variablesAreDefinedAndUsed(Dashboard dashboard) {
        Set<String> used =
                dashboard.panels().stream()
                        .flatMap(panel -> panel.queries().stream())
                        .flatMap(query -> VARIABLE.matcher(query.expr()).results())
                        .map(match -> match.group(1))
                        .filter(name -> !name.startsWith("__"))
                        .collect(Collectors.toSet());

        assertThat(dashboard.ownVariables())
                .extracting(Variable::name)
                .containsExactlyInAnyOrderElementsOf(used);
    }

    @Test
    void serviceDashboardSelectsInstanceAndRoute() {
        assertThat(DASHBOARDS)
                .filteredOn(dashboard -> dashboard.uid().equals("service"))
                .flatExtracting(Dashboard::ownVariables)
                .extracting(Variable::name)
                .containsExactlyInAnyOrder("instance", "route");
    }

    @ParameterizedTest
    @FieldSource("PANELS")
    void titleMarksPanelEmptyWhenHealthy(Panel panel) {
        assertThat(Json.string(panel.json(), "description").contains("Empty when healthy"))
                .isEqualTo(panel.isEmptyWhenHealthy());
        assertThat(noValue(panel).equals("none (healthy)")).isEqualTo(panel.isEmptyWhenHealthy());
    }

    @Test
    void panelsWithoutDataBeforeTheFirstCallHaveNoValueText() {
        assertThat(PANELS)
                .filteredOn(
                        panel ->
                                panel.queries().stream()
                                        .map(Query::expr)
                                        .anyMatch(CALLS_OR_LINES.asPredicate()))
                .isNotEmpty()
                .noneMatch(panel -> noValue(panel).isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "level, ERROR WARN INFO, red orange " + NEUTRAL,
        "status_code, 503 404 302 200, red orange " + NEUTRAL + " green"
    })
    void seriesOfThisLabelHaveFixedColors(String label, String values, String colors) {
        assertThat(PANELS)
                .flatExtracting(
                        panel ->
                                panel.queries().stream()
                                        .map(query -> Json.string(query.json(), "legendFormat"))
                                        .filter(legend -> legend.contains("{{" + label + "}}"))
                                        .map(legend -> colors(panel, legend, label, values))
                                        .toList())
                .isNotEmpty()
                .containsOnly(colors);
    }

    private static String colors(Panel panel, String legend, String label, String values) {
        return Stream.of(values.split(" "))
                .map(value -> legend.replace("{{" + label + "}}", value).replace("{{route}}", "/"))
                .map(panel::colorOf)
                .map(color -> color.replace("dark-", ""))
                .collect(Collectors.joining(" "));
    }

    private static String noValue(Panel panel) {
        return Json.string(panel.json(), "fieldConfig", "defaults", "noValue");
    }
}
