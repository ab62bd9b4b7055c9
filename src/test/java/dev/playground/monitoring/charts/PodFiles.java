package dev.playground.monitoring.charts;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** The files that a pod's containers find in the ConfigMaps that it mounts. */
public final class PodFiles {
    private PodFiles() {}

    /**
     * @param objects of the whole chart
     * @param workload one of them
     * @return path in the container to content
     */
    public static Map<String, String> of(List<Manifest> objects, Manifest workload) {
        Map<String, String> files = new TreeMap<>();
        for (JsonNode container : workload.containers().toList()) {
            for (JsonNode mount : container.path("volumeMounts")) {
                String folder = mount.path("mountPath").asText();
                String subPath = mount.path("subPath").asText();
                content(objects, workload, mount.path("name").asText())
                        .forEach(
                                (path, text) -> {
                                    if (subPath.isEmpty()) {
                                        files.put(folder + "/" + path, text);
                                    } else if (subPath.equals(path)) {
                                        files.put(folder, text);
                                    }
                                });
            }
        }
        return files;
    }

    private static Map<String, String> content(
            List<Manifest> objects, Manifest workload, String volume) {
        Map<String, String> files = new TreeMap<>();
        for (JsonNode candidate : workload.pod().at("/spec/volumes")) {
            if (candidate.path("name").asText().equals(volume)) {
                for (JsonNode source : candidate.findValues("configMap")) {
                    Map<String, String> data =
                            Charts.configMap(objects, source.path("name").asText());
                    if (!source.has("items")) {
                        files.putAll(data);
                    }
                    for (JsonNode item : source.path("items")) {
                        // A key that the ConfigMap lacks keeps the pod from starting.
                        String content = data.get(item.path("key").asText());
                        files.put(item.path("path").asText(), Objects.requireNonNull(content));
                    }
                }
            }
        }
        return files;
    }

    /** Writes the files below a folder of the container into one of this machine. */
    public static void write(Map<String, String> files, String from, Path to) throws IOException {
        for (Map.Entry<String, String> file : files.entrySet()) {
            if (file.getKey().startsWith(from + "/")) {
                Path path = to.resolve(file.getKey().substring(from.length() + 1));
                Files.createDirectories(path.getParent());
                Files.writeString(path, file.getValue().replace(from, to.toString()));
            }
        }
    }
}
