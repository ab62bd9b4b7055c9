import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.SourceVersion;

/**
 * Makes a new service from this repository: a copy in which package, artifact, image, chart,
 * labels, job, metrics, dashboards and alerts have the names of the service (docs/template.md).
 */
public final class NewService {
    private static final String USAGE =
            """
            java src/template/NewService.java --name NAME --package PACKAGE [OPTION...] FOLDER

              --name NAME             artifact, image, chart, job and labels
              --package PACKAGE       Java package; without its last part, the Maven group
              --metric-prefix PREFIX  of the service's own metrics; default: NAME with _ for -
              --without-playground    leaves out faults, incidents, exercises, page and traffic
              --skip-maven            does not run Maven, which formats sources and writes k8s
              FOLDER                  of the new service: an empty or a new one
            """;

    /** Writes what depends on names and charts: the format of the sources, and k8s. */
    private static final String MAVEN =
            "mvn -q spotless:apply test -Dtest=ManifestsTest,ChartReadmeTest,ChartUpgradeTest"
                    + " -Dk8s.write=true -Dcharts.write=true";

    /** Files that are about this repository, as globs. */
    private static final List<String> OF_TEMPLATE =
            List.of(
                    "src/{template,bench}/**",
                    "src/test/java/dev/playground/monitoring/template/**",
                    "docs/{template,performance}.md");

    private static final Path OF_PLAYGROUND = Path.of("src/template/playground.txt");

    private static final String PACKAGES = "(faults|incidents|exercises|ledger|page|tour)";

    private static final String SETTINGS =
            "(FAULTS_ENABLED|GRAFANA_URL|PROMETHEUS_URL|ALERTMANAGER_URL|TRAFFIC_\\w+)";

    /** Keys of the values of the chart. */
    private static final String VALUES = "(faults|page|traffic)";

    private static final Edit PEERS =
            new Edit(
                    "renovate\\.json",
                    "^    \\{\n(?:      .*\n)*?.*src/bench/.*\n(?:      .*\n)*+    },?\n",
                    "");

    /** What a service without the playground has less, in addition to marked text. */
    private static final List<Edit> EDITS =
            List.of(
                    PEERS,
                    new Edit(".*", "(/metrics\\|/health/\\.\\*)(\\|/[^|\"\\\\]+)+", "$1"),
                    new Edit(".*", "(-e )?FAULTS_ENABLED=true ", ""),
                    new Edit(".*\\.java", "^import .*\\." + PACKAGES + "\\..*\n", ""),
                    new Edit(".*\\.md", "^\\| `" + SETTINGS + "`.*\n", ""),
                    new Edit(".*\\.md", "^\\| `" + VALUES + "(\\.\\w+)*`.*\n", ""),
                    new Edit(".*\\.md", "^\\| `(chromium|[^`|]*/" + PACKAGES + ")`.*\n", ""),
                    new Edit("k8s/.*", "^  " + SETTINGS + ": .*\n", ""),
                    new Edit(".*\\.csv", "^backend, " + VALUES + "\\..*\n", ""),
                    new Edit(
                            "helm/backend/(values|defaults|ci/.*)\\.yaml",
                            "^(#.*\n)*" + VALUES + ":\n(( .*)?\n)*",
                            ""),
                    new Edit("src/test/js/.*", ", and a browser for the page", ""),
                    new Edit(
                            "src/test/js/.*|.*/values\\.schema\\.json",
                            "^( *)\"((node_modules/)?(axe-core|playwright-core)|"
                                    + VALUES
                                    + ")\": (\".*\"|\\{\n(\\1 .*\n)*+\\1}),?\n",
                            ""),
                    // Annotations.
                    new Edit(
                            ".*/dashboards/.*",
                            "^ {6}\\{\n( {8}.*\n)*? {8}\"expr\": .*\\b(fault|incident)_.*\n"
                                    + "( {8}.*\n)*+ {6}},?\n",
                            ""),
                    new Edit(".*\\.json", ",(\n *[]}])", "$1"));

    private static final String KIND = "(playground|template):(start|end)";

    /** A comment on a line of its own, or a comment of Markdown within a line. */
    private static final Pattern MARKER =
            Pattern.compile(
                    "(?m)^[ \t]*(?:(?:#|//|<!--|\\{\\{-? ?/\\*) )?%s(?: (?:-->|\\*/}}))?\n|<!-- %s -->"
                            .formatted(KIND, KIND));

    /** A row of a table that begins with a path or a link to one. */
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| (?:\\[[^]]*]\\(|`)([^)#`]+)[^\n]*\n");

    private static final String LINK = "\\[([^]]*)]\\(([^)#\\s]+)[^)]*\\)";
    private static final Pattern IN_PARENTHESES = Pattern.compile(" \\(" + LINK + "\\)");
    private static final Pattern ANY_LINK = Pattern.compile(LINK);
    private static final Pattern MENTION = Pattern.compile(" \\((docs/[\\w-]+\\.md)\\)");

    /** Without the field {@code backend} of an Ingress and the dashboard monitoring-stack.json. */
    private static final Pattern NAME =
            Pattern.compile(
                    "dev[./]playground[./]monitoring|dev\\.playground"
                            + "|Backend Monitoring(?: Playground)?"
                            + "|(?:loki-)?backend-monitoring(?!-stack)|backend(?!:\\s+service:)"
                            + "|req_response_time_histogram"
                            + "|heavy[._]computation[._](?:max[._])?in[._]flight"
                            + "|(?<![a-z])(?:fault[._](?:active|value)|incident[._]active)\\b"
                            + "|\\bplayground(?:_|\\.(?=[a-z]))");

    /** Of the files whose path matches. */
    private record Edit(String files, Pattern pattern, String replacement) {
        Edit(String files, String pattern, String replacement) {
            this(files, Pattern.compile(pattern, Pattern.MULTILINE), replacement);
        }
    }

    /** Of the stack and of its tests. */
    private static final String RESERVED =
            "alertmanager|alloy|false|grafana|loki|monitoring|null|off|pay|prom-server|prometheus"
                    + "|promtail|rel|traffic|true|watch|yes";

    private final Path source;
    private final String name;
    private final String packageName;
    private final String prefix;
    private final boolean playground;
    private final Path folder;
    private final List<String> all;
    private final List<String> kept;

    private NewService(Path source, Map<String, String> options)
            throws IOException, InterruptedException {
        this.source = source;
        playground = !options.containsKey("--without-playground");
        name = options.getOrDefault("--name", "");
        expect(
                name.matches("(?!(" + RESERVED + ")$)[a-z](-?[a-z0-9]){2,39}"),
                "--name",
                name,
                "3 to 40 lower-case letters, digits and single hyphens between them, starting with"
                        + " a letter, and none of "
                        + RESERVED.replace("|", ", "));
        packageName = options.getOrDefault("--package", "");
        expect(
                packageName.matches("(?!java\\.)[a-z]\\w*(\\.[a-z]\\w*)+")
                        && SourceVersion.isName(packageName),
                "--package",
                packageName,
                "two or more Java names separated by dots, each starting with a lower-case letter,"
                        + " none a keyword, the first not java");
        prefix = options.getOrDefault("--metric-prefix", name.replace('-', '_'));
        expect(
                prefix.matches("[a-z][a-z0-9]*(_[a-z0-9]+)*"),
                "--metric-prefix",
                prefix,
                "lower-case letters, digits and single underscores between them, starting with a"
                        + " letter");
        String given = options.getOrDefault("FOLDER", "");
        folder = source.resolve(given).normalize();
        String[] files = folder.toFile().list();
        expect(
                !folder.startsWith(source)
                        && (files == null ? !Files.exists(folder) : files.length == 0),
                "FOLDER",
                given,
                "an empty or a new folder outside of this repository");

        all = files(source);
        List<PathMatcher> leftOut = new ArrayList<>();
        OF_TEMPLATE.forEach(glob -> leftOut.add(glob(glob)));
        if (!playground) {
            Files.readAllLines(source.resolve(OF_PLAYGROUND)).stream()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(line -> leftOut.add(glob(line)));
        }
        kept =
                all.stream()
                        .filter(file -> leftOut.stream().noneMatch(m -> m.matches(Path.of(file))))
                        .toList();
    }

    private static PathMatcher glob(String glob) {
        return FileSystems.getDefault().getPathMatcher("glob:" + glob);
    }

    private static void expect(boolean valid, String option, String value, String expected) {
        if (!valid) {
            throw new IllegalArgumentException(
                    "%s: invalid value \"%s\": expected %s".formatted(option, value, expected));
        }
    }

    public static void main(String[] args) throws Exception {
        System.exit(run(Path.of("").toAbsolutePath(), System.out, args));
    }

    /**
     * @param source the top folder of this repository
     * @return the exit code: 1 if Maven fails, 2 if an argument is invalid
     */
    public static int run(Path source, PrintStream out, String... args)
            throws IOException, InterruptedException {
        Map<String, String> options = new HashMap<>();
        NewService service;
        try {
            for (int i = 0; i < args.length; i++) {
                if (args[i].matches("--(name|package|metric-prefix)") && i + 1 < args.length) {
                    options.put(args[i], args[++i]);
                } else if (args[i].matches("--(without-playground|skip-maven)")) {
                    options.put(args[i], "");
                } else {
                    boolean valid = !args[i].startsWith("-") && !options.containsKey("FOLDER");
                    expect(valid, "argument", args[i], "those below, and one folder");
                    options.put("FOLDER", args[i]);
                }
            }
            service = new NewService(source, options);
        } catch (IllegalArgumentException e) {
            out.println(e.getMessage() + "\n\n" + USAGE);
            return 2;
        }
        for (String file : service.kept) {
            service.copy(file);
        }
        out.println("Wrote " + service.kept.size() + " files to " + service.folder + ".");
        boolean skips = options.containsKey("--skip-maven");
        boolean done = !skips && runMaven(service.folder);
        out.println("Next, run there:\n" + (done ? "" : MAVEN + "\n") + "mvn verify");
        return done || skips ? 0 : 1;
    }

    private static boolean runMaven(Path folder) throws InterruptedException {
        ProcessBuilder maven = new ProcessBuilder(MAVEN.split(" ")).directory(folder.toFile());
        try {
            return maven.inheritIO().start().waitFor() == 0;
        } catch (IOException e) {
            return false; // Maven is not on PATH
        }
    }

    /** Those that Git tracks; without Git, all but what a build writes. */
    private static List<String> files(Path source) throws IOException, InterruptedException {
        ProcessBuilder git = new ProcessBuilder("git", "ls-files", "-z").directory(source.toFile());
        if (Files.exists(source.resolve(".git"))) {
            try {
                Process list = git.start();
                byte[] names = list.getInputStream().readAllBytes();
                if (list.waitFor() == 0) {
                    return List.of(new String(names, StandardCharsets.UTF_8).split("\0"));
                }
            } catch (IOException e) {
                // There is no Git.
            }
        }
        try (Stream<Path> files = Files.walk(source)) {
            return files.filter(file -> Files.isSymbolicLink(file) || Files.isRegularFile(file))
                    .map(file -> unix(source.relativize(file)))
                    .filter(file -> !file.matches("(.*/)?(target|node_modules|\\.git)/.*"))
                    .toList();
        }
    }

    private void copy(String file) throws IOException {
        Path from = source.resolve(file);
        Path to = folder.resolve(renamed(file));
        Files.createDirectories(to.getParent());
        // Keeps symbolic links, and which files are executable.
        Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
        if (!Files.isSymbolicLink(from)) {
            try {
                Files.writeString(to, renamed(edited(file, Files.readString(from))));
            } catch (CharacterCodingException e) {
                return; // an image
            }
        }
    }

    private String edited(String file, String original) throws IOException {
        String text = withoutMarked(file, original);
        text = replace(MENTION, text, m -> isLeftOut(m.group(1)) ? "" : m.group());
        if (file.endsWith(".md")) {
            text = withoutLinks(Path.of(file), text);
        }
        for (Edit edit : playground ? List.of(PEERS) : EDITS) {
            if (file.matches(edit.files())) {
                text = edit.pattern().matcher(text).replaceAll(edit.replacement());
            }
        }
        return file.equals("README.md")
                ? text.replaceFirst("add up to \\d+", "add up to " + memory())
                : text;
    }

    /** The sum of the memory limits of the containers. */
    private int memory() throws IOException {
        String compose = "docker-compose.yml";
        return Pattern.compile("mem_limit: (\\d+)m")
                .matcher(withoutMarked(compose, Files.readString(source.resolve(compose))))
                .results()
                .mapToInt(limit -> Integer.parseInt(limit.group(1)))
                .sum();
    }

    /** Without the markers, and without the marked text that the service does not have. */
    private String withoutMarked(String file, String text) {
        String leftOut = playground ? "template" : "template|playground";
        StringBuilder result = new StringBuilder();
        String open = "";
        int end = 0;
        for (MatchResult marker : MARKER.matcher(text).results().toList()) {
            int group = marker.group(1) == null ? 3 : 1;
            String kind = marker.group(group);
            boolean isStart = marker.group(group + 1).equals("start");
            if (!open.equals(isStart ? "" : kind)) {
                throw new IllegalStateException(file + ": unbalanced " + marker.group().strip());
            }
            if (!open.matches(leftOut)) {
                result.append(text, end, marker.start());
            }
            open = isStart ? kind : "";
            end = marker.end();
        }
        if (!open.isEmpty()) {
            throw new IllegalStateException(file + ": unbalanced " + open + ":start");
        }
        return result.append(text.substring(end)).toString();
    }

    /** A row about a page or a folder that is left out is removed; any other link becomes text. */
    private String withoutLinks(Path page, String text) {
        text = replace(ROW, text, row -> isLeftOut(page, row.group(1)) ? "" : row.group());
        text = replace(IN_PARENTHESES, text, m -> isLeftOut(page, m.group(2)) ? "" : m.group());
        return replace(ANY_LINK, text, m -> isLeftOut(page, m.group(2)) ? m.group(1) : m.group());
    }

    private boolean isLeftOut(Path page, String link) {
        return isLeftOut(unix(page.resolveSibling(link).normalize()));
    }

    /** Whether a file or a folder of the repository is missing in the service. */
    private boolean isLeftOut(String path) {
        return has(all, path) && !has(kept, path);
    }

    private static boolean has(List<String> files, String path) {
        return files.stream().anyMatch(f -> f.equals(path) || f.startsWith(path + "/"));
    }

    private String renamed(String text) {
        return replace(NAME, text, old -> newName(old.group()));
    }

    private String newName(String old) {
        return switch (old) {
            case "dev.playground.monitoring" -> packageName;
            case "dev/playground/monitoring" -> packageName.replace('.', '/');
            case "dev.playground" -> packageName.replaceFirst("\\.\\w+$", "");
            case "Backend Monitoring Playground", "Backend Monitoring" ->
                    Stream.of(name.split("-"))
                            .map(word -> word.substring(0, 1).toUpperCase() + word.substring(1))
                            .collect(Collectors.joining(" "));
            case "loki-backend-monitoring", "backend-monitoring", "backend" -> name;
            case "playground_", "playground." -> prefix + "_";
            default -> prefix + "_" + old; // a metric
        };
    }

    private static String replace(
            Pattern pattern, String text, Function<MatchResult, String> replacement) {
        return pattern.matcher(text)
                .replaceAll(match -> Matcher.quoteReplacement(replacement.apply(match)));
    }

    private static String unix(Path path) {
        return path.toString().replace('\\', '/');
    }
}
