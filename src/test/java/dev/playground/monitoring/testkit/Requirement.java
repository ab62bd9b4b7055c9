package dev.playground.monitoring.testkit;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * Something that a test needs and a machine may lack. Without it the test is skipped, and the
 * console says why, which Maven does not; it fails instead where {@code -D<name>.required=true}
 * says that the machine has it.
 */
public enum Requirement {
    PROMETHEUS,
    NODE,
    // playground:start
    BROWSER,
    // playground:end
    KUBECTL,
    /** Docker with Compose and the images, or a cluster and Helm. */
    E2E;

    /** The process' own: what is printed by System.err Maven puts into a file. */
    private static final PrintStream CONSOLE =
            new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);

    /** What this build has said, in whichever of its processes. */
    private static final Path SAID =
            Path.of("target/skipped", System.getProperty("build", UUID.randomUUID().toString()));

    /** Ends the calling test. */
    public void isMissing(String sentence) {
        if (Boolean.getBoolean(name().toLowerCase() + ".required")) {
            Assertions.fail(sentence);
        }
        if (isNews(sentence)) {
            CONSOLE.println("Skipped. " + sentence);
        }
        Assumptions.abort(sentence);
    }

    /** Many tests may lack the same. */
    private static boolean isNews(String sentence) {
        try {
            Files.createDirectories(SAID);
            Files.createFile(SAID.resolve(Integer.toHexString(sentence.hashCode())));
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
