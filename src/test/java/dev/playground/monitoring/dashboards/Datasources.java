package dev.playground.monitoring.dashboards;

import dev.playground.monitoring.testkit.Project;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Grafana's data sources, from the file that it reads at its start. */
public final class Datasources {
    public static final String FILE = "grafana/datasources.yaml";

    private Datasources() {}

    /** As Grafana has them: it puts variables in, and takes $$ for $. */
    public static List<Map<String, Object>> all() {
        return Project.maps(Project.yaml(Project.FILES.resolve(FILE)), "datasources");
    }

    public static Map<String, Object> of(String uid) {
        return all().stream()
                .filter(datasource -> datasource.get("uid").equals(uid))
                .findFirst()
                .orElseThrow();
    }

    /** The destinations of exemplars: from a dot on a graph to log lines. */
    public static List<Map<String, Object>> exemplarLinks() {
        return Project.maps(
                Project.map(of("prometheus"), "jsonData"), "exemplarTraceIdDestinations");
    }

    /** The links of a log line. */
    public static List<Map<String, Object>> derivedFields() {
        return Project.maps(Project.map(of("loki"), "jsonData"), "derivedFields");
    }

    /** Those that open log lines: the link of an exemplar, and that of a line's trace id. */
    public static Stream<ExploreLink> linksToLines() {
        return Stream.concat(exemplarLinks().stream(), derivedFields().stream())
                .map(Datasources::url)
                .filter(ExploreLink::isOne)
                .map(ExploreLink::of);
    }

    /** The address of a link, as Grafana reads it. */
    public static String url(Map<String, Object> link) {
        return ((String) link.get("url")).replace("$$", "$");
    }
}
