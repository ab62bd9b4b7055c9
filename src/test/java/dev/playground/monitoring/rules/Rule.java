package dev.playground.monitoring.rules;

import dev.playground.monitoring.testkit.Project;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A rule of Prometheus, from its file. */
public record Rule(Path file, boolean alert, String name, String expr, Map<String, Object> yaml) {
    public static List<Rule> all() {
        return Project.files("prometheus/rules").stream().flatMap(Rule::read).toList();
    }

    public static List<Rule> alerts() {
        return all().stream().filter(Rule::alert).toList();
    }

    public static List<Rule> recordings() {
        return all().stream().filter(rule -> !rule.alert).toList();
    }

    private static Stream<Rule> read(Path file) {
        return Project.maps(Project.yaml(file), "groups").stream()
                .flatMap(group -> Project.maps(group, "rules").stream())
                .map(rule -> of(file, rule));
    }

    private static Rule of(Path file, Map<String, Object> rule) {
        boolean alert = rule.containsKey("alert");
        String name = (String) rule.get(alert ? "alert" : "record");
        return new Rule(file, alert, name, (String) rule.get("expr"), rule);
    }

    @Override
    public String toString() {
        return name;
    }
}
