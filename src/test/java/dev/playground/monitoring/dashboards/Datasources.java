package dev.playground.monitoring.dashboards;

import dev.playground.monitoring.testkit.Project;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Grafana's data sources, from the file that it reads at its start. */
final class Datasources {
    static final String FILE = "grafana/datasources.yaml";

    private Datasources() {}

    static List<Map<String, Object>> all() {
        return Project.maps(Project.yaml(Project.FILES.resolve(FILE)), "datasources");
    }

    static Map<String, Object> jsonData(String uid) {
        return all().stream()
                .filter(datasource -> datasource.get("uid").equals(uid))
                .map(datasource -> Project.map(datasource, "jsonData"))
                .findFirst()
                .orElseThrow();
    }

    /** The links of the exemplars on a graph. */
    static List<Map<String, Object>> exemplarLinks() {
        return Project.maps(jsonData("prometheus"), "exemplarTraceIdDestinations");
    }

    /** The links of a log line. */
    static List<Map<String, Object>> derivedFields() {
        return Project.maps(jsonData("loki"), "derivedFields");
    }

    /** The links that open log lines: that of an exemplar, and that of the trace id of a line. */
    static Stream<ExploreLink> linksToLines() {
        return Stream.concat(exemplarLinks().stream(), derivedFields().stream())
                .map(Datasources::url)
                .flatMap(ExploreLink::of);
    }

    /** The address of a link as Grafana reads it, with $ for $$. */
    static String url(Map<String, Object> link) {
        return ((String) link.get("url")).replace("$$", "$");
    }
}
