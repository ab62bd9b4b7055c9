package dev.playground.monitoring.charts;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import dev.playground.monitoring.testkit.Project;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The project's charts, as Helm itself renders them. */
public final class Charts {
    public static final List<String> NAMES = List.of("backend", "monitoring");

    /** Unlike the names in the README, so that no template relies on those. */
    public static final String RELEASE = "rel";

    public static final String NAMESPACE = "some-namespace";

    /** Values that Kubernetes defines: each is one value, whatever it holds. */
    private static final Set<String> KUBERNETES =
            Set.of(
                    "affinity",
                    "annotations",
                    "labels",
                    "nodeSelector",
                    "podAnnotations",
                    "podLabels",
                    "podSecurityContext",
                    "resources",
                    "securityContext");

    private static final Pattern OMITTED =
            Pattern.compile("(?m)^( +helm\\.sh/hook.*|kubeVersion:.*)\n");

    private static final Map<String, Path> COPIES = new ConcurrentHashMap<>();
    private static final Map<Scenario, List<Manifest>> RENDERED = new ConcurrentHashMap<>();

    private Charts() {}

    /** A chart with the values of one file of its folder ci/. */
    public record Scenario(String chart, Path values) {
        public static Scenario of(String chart, String name) {
            return new Scenario(chart, folder(chart).resolve("ci/" + name + "-values.yaml"));
        }

        String render() {
            return template(chart).withValuesFile(values).call();
        }

        public List<Manifest> objects() {
            return RENDERED.computeIfAbsent(this, s -> Manifest.parse(s.render()));
        }

        @Override
        public String toString() {
            return chart + ": " + values.getFileName();
        }
    }

    /** For {@link EachScenario}. */
    static Stream<Scenario> allScenarios() {
        return NAMES.stream().flatMap(Charts::scenarios);
    }

    static Stream<Scenario> scenarios(String chart) {
        try (Stream<Path> files = Files.list(folder(chart).resolve("ci"))) {
            return files.sorted().map(file -> new Scenario(chart, file)).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Path folder(String chart) {
        return Project.TOP.resolve("helm").resolve(chart);
    }

    public static TemplateCommand template(String chart) {
        return helm(chart).template().withName(RELEASE).withNamespace(NAMESPACE);
    }

    /** The objects of a chart with one value set. */
    public static List<Manifest> objects(String chart, String key, String value) {
        return Manifest.parse(template(chart).set(key, value).call());
    }

    /** Whether a key of the values holds values of this chart. */
    static boolean isGroup(String key, Object value) {
        return value instanceof Map<?, ?> && !KUBERNETES.contains(key);
    }

    static Helm helm(String chart) {
        return new Helm(COPIES.computeIfAbsent(chart, Charts::copy));
    }

    private static Path copy(String chart) {
        try {
            return copy(chart, Files.createTempDirectory("chart"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Without links, since Helm prints a line for each link each time. With the pods of {@code helm
     * test} as ordinary objects, since Helm renders no hook. For any version of Kubernetes, since
     * helm-java assumes 1.20.
     */
    static Path copy(String chart, Path into) throws IOException {
        Path from = folder(chart);
        try (Stream<Path> files = Files.walk(from, FileVisitOption.FOLLOW_LINKS)) {
            Path to = into.resolve(chart);
            for (Path file : files.toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                if (file.getParent().endsWith("templates/tests") || file.endsWith("Chart.yaml")) {
                    Files.writeString(copy, OMITTED.matcher(Files.readString(file)).replaceAll(""));
                } else {
                    Files.copy(file, copy);
                }
            }
            return to;
        }
    }

    /** The content of a ConfigMap among the objects of a chart. */
    public static Map<String, String> configMap(List<Manifest> objects, String name) {
        return Manifest.one(objects, "ConfigMap", name).map("/data");
    }
}
