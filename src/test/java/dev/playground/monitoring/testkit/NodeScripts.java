package dev.playground.monitoring.testkit;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Runs the scripts of src/test/js on a copy in target/js, with their npm packages. Without Node or
 * the packages the test is skipped.
 */
public final class NodeScripts {
    public static final Path SOURCES = Project.TOP.resolve("src/test/js");
    private static final Path WORK = Project.TOP.resolve("target/js");

    /** The lock file of the last installation: nothing is downloaded again until it changes. */
    private static final Path INSTALLED = WORK.resolve("installed.json");

    private NodeScripts() {}

    /** Runs a script, which has to succeed, and returns its output. */
    public static String run(String script, String input, String... arguments) {
        prepare();
        List<String> command =
                Stream.concat(Stream.of("node", script), Stream.of(arguments)).toList();
        return Command.run(WORK, Map.of(), input, command).expectSuccess();
    }

    /** Writes a file next to the scripts. */
    public static void write(String name, String content) throws IOException {
        Files.writeString(Files.createDirectories(WORK).resolve(name), content);
    }

    /** Copies the scripts and installs their packages, once. */
    private static void prepare() {
        try (FileChannel lock = FileChannel.open(lockFile(), CREATE, WRITE)) {
            lock.lock(); // another fork of the build may prepare, too
            if (!Command.run("node", "--version").isSuccess()
                    || !Command.run("npm", "--version").isSuccess()) {
                missing("There is no node with npm on PATH.");
            }
            try (Stream<Path> sources = Files.list(SOURCES)) {
                for (Path source : sources.toList()) {
                    write(source.getFileName().toString(), Files.readString(source));
                }
            }
            String packages = Files.readString(WORK.resolve("package-lock.json"));
            if (Files.exists(INSTALLED) && Files.readString(INSTALLED).equals(packages)) {
                return;
            }
            List<String> npm = List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
            Command.Result install = Command.run(WORK, Map.of(), "", npm);
            if (!install.isSuccess()) {
                missing("npm cannot install the packages: " + install.output());
            }
            Files.writeString(INSTALLED, packages);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path lockFile() throws IOException {
        return Files.createDirectories(WORK).resolve("lock");
    }

    private static void missing(String what) {
        Requirement.NODE.isMissing(
                what + " This test needs Node 18 or newer, npm, and a registry of packages.");
    }
}
