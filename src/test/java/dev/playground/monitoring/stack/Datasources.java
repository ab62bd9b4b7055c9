package dev.playground.monitoring.stack;

import java.util.List;
import java.util.Map;

/** Grafana's data sources, from the file that it reads at its start. */
final class Datasources {
    static final String FILE = "grafana/datasources.yaml";

    private Datasources() {}

    /** As Grafana has them: it puts variables in, and takes $$ for $. */
    static List<Map<String, Object>> all() {
        return Project.maps(Project.yaml(Project.FILES.resolve(FILE)), "datasources");
    }

    static Map<String, Object> of(String uid) {
        return all().stream()
                .filter(datasource -> datasource.get("uid").equals(uid))
                .findFirst()
                .orElseThrow();
    }

    /** The destinations of exemplars: from a dot on a graph to log lines. */
    static List<Map<String, Object>> exemplarLinks() {
        return Project.maps(
                Project.map(of("prometheus"), "jsonData"), "exemplarTraceIdDestinations");
    }

    /** The links of a log line. */
    static List<Map<String, Object>> derivedFields() {
        return Project.maps(Project.map(of("loki"), "jsonData"), "derivedFields");
    }

    /** The address or the query of a link, as Grafana reads it. */
    static String url(Map<String, Object> link) {
        return ((String) link.get("url")).replace("$$", "$");
    }
}
