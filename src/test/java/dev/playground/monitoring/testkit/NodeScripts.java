package dev.playground.monitoring.testkit;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Runs the scripts of src/test/js, on a copy in target/js with the packages that they need. Where
 * Node or the packages are missing, the calling test is aborted with a sentence that says so.
 */
public final class NodeScripts {
    private static final Path SOURCES = Project.TOP.resolve("src/test/js");
    private static final Path WORK = Project.TOP.resolve("target/js");

    /** A copy of what was installed: as long as it is the same nothing is downloaded again. */
    private static final Path INSTALLED = WORK.resolve("installed.json");

    private NodeScripts() {}

    /** Copies the scripts and installs their packages, once. */
    public static synchronized void prepare() {
        try (FileChannel forks = FileChannel.open(lockFile(), CREATE, WRITE)) {
            // Another fork may be about to do the same.
            forks.lock();
            if (!run(Project.TOP, "node", "--version").isSuccess()
                    || !run(Project.TOP, "npm", "--version").isSuccess()) {
                missing("There is no node with npm on PATH.");
            }
            try (Stream<Path> sources = Files.list(SOURCES)) {
                for (Path source : sources.toList()) {
                    Files.writeString(WORK.resolve(source.getFileName()), Files.readString(source));
                }
            }
            String lock = Files.readString(WORK.resolve("package-lock.json"));
            if (Files.exists(INSTALLED) && Files.readString(INSTALLED).equals(lock)) {
                return;
            }
            Command.Result install =
                    run(WORK, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
            if (!install.isSuccess()) {
                missing("npm cannot install the packages: " + install.output());
            }
            Files.writeString(INSTALLED, lock);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path lockFile() throws IOException {
        return Files.createDirectories(WORK).resolve("lock");
    }

    /** A file beside the scripts, made for this run. */
    public static void write(String name, String content) {
        try {
            Files.writeString(WORK.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a script with these arguments to its end. */
    public static Command.Result run(String input, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("node"));
        command.addAll(arguments);
        return Command.run(WORK, Map.of(), input, command);
    }

    private static Command.Result run(Path folder, String... command) {
        return Command.run(folder, Map.of(), "", List.of(command));
    }

    private static void missing(String what) {
        Requirement.NODE.isMissing(
                what + " This test needs Node 18 or newer, npm, and a registry of packages.");
    }
}
