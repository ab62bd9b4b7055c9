package dev.playground.monitoring.charts;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The files that a container finds, of all the ConfigMaps that its pod mounts. */
public final class PodFiles {
    private PodFiles() {}

    /**
     * @param objects of the whole chart
     * @param workload one of them
     * @return path in the container to content
     */
    public static Map<String, String> of(List<HasMetadata> objects, HasMetadata workload) {
        var pod = KubernetesObjects.pod(workload).orElseThrow().getSpec();
        Map<String, String> files = new TreeMap<>();
        for (Container container : pod.getContainers()) {
            for (VolumeMount mount : container.getVolumeMounts()) {
                pod.getVolumes().stream()
                        .filter(volume -> volume.getName().equals(mount.getName()))
                        .forEach(
                                volume ->
                                        content(objects, volume)
                                                .forEach(
                                                        (path, text) ->
                                                                put(files, mount, path, text)));
            }
        }
        return files;
    }

    private static void put(
            Map<String, String> files, VolumeMount mount, String path, String content) {
        if (mount.getSubPath() == null) {
            files.put(mount.getMountPath() + "/" + path, content);
        } else if (mount.getSubPath().equals(path)) {
            files.put(mount.getMountPath(), content);
        }
    }

    private static Map<String, String> content(List<HasMetadata> objects, Volume volume) {
        Map<String, String> files = new TreeMap<>();
        if (volume.getConfigMap() != null) {
            var source = volume.getConfigMap();
            files.putAll(items(objects, source.getName(), source.getItems()));
        }
        if (volume.getProjected() != null) {
            for (VolumeProjection source : volume.getProjected().getSources()) {
                if (source.getConfigMap() != null) {
                    var map = source.getConfigMap();
                    files.putAll(items(objects, map.getName(), map.getItems()));
                }
            }
        }
        return files;
    }

    private static Map<String, String> items(
            List<HasMetadata> objects, String configMap, List<KeyToPath> items) {
        Map<String, String> data =
                KubernetesObjects.one(objects, ConfigMap.class, configMap).getData();
        if (items.isEmpty()) {
            return data;
        }
        Map<String, String> files = new TreeMap<>();
        for (KeyToPath item : items) {
            // A key that the ConfigMap lacks keeps the pod from starting.
            files.put(item.getPath(), data.get(item.getKey()).toString());
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
