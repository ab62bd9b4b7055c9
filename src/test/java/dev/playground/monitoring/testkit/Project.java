package dev.playground.monitoring.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.Yaml;

/** The project's own files. Tests run in its top folder. */
public final class Project {
    public static final Path TOP = Path.of("").toAbsolutePath();

    /** The configuration that compose and the charts share. */
    public static final Path FILES = TOP.resolve("helm/monitoring/files");

    private Project() {}

    public static String text(Path file) {
        try {
            return Files.readString(TOP.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Map<String, Object> yaml(Path file) {
        return new Yaml().load(text(file));
    }

    /** The files of one folder of the shared configuration, in the order of their names. */
    public static List<Path> files(String folder) {
        return list(FILES.resolve(folder));
    }

    /** The files of a folder, in the order of their names. */
    public static List<Path> list(Path folder) {
        try (Stream<Path> files = Files.list(TOP.resolve(folder))) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The README and the pages of docs. */
    public static List<Path> pages() {
        return Stream.concat(Stream.of(TOP.resolve("README.md")), list(Path.of("docs")).stream())
                .filter(file -> file.toString().endsWith(".md"))
                .toList();
    }

    public static Map<String, Object> compose() {
        return yaml(Path.of("docker-compose.yml"));
    }

    public static Map<String, Object> composeService(String name) {
        return map(map(compose(), "services"), name);
    }

    /** The flags of a service, with files of the test, and these more. */
    @SuppressWarnings("unchecked")
    public static String[] composeFlags(String service, Path config, Path data, String... more) {
        Stream<String> flags =
                ((List<String>) composeService(service).get("command"))
                        .stream()
                                .map(
                                        flag ->
                                                flag.replaceFirst(
                                                        "config.file=.*", "config.file=" + config))
                                .map(flag -> flag.replaceFirst("path=.*", "path=" + data));
        return Stream.concat(flags, Stream.of(more)).toArray(String[]::new);
    }

    /** A file that compose holds inline. */
    public static String composeConfig(String name) {
        return (String) map(map(compose(), "configs"), name).get("content");
    }

    /** One step into a tree of maps. */
    @SuppressWarnings("unchecked")
    public static Map<String, Object> map(Map<String, Object> tree, String key) {
        return (Map<String, Object>) tree.get(key);
    }

    /** One step to a list of maps. */
    @SuppressWarnings("unchecked")
    public static List<Map<String, Object>> maps(Map<String, Object> tree, String key) {
        return (List<Map<String, Object>>) tree.getOrDefault(key, List.of());
    }
}
