import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeImage, writeLayer } from './image-archive.ts';

/**
 * Writes the archive of an image that runs until it is told to stop, and returns its path. No two names are the same
 * image.
 */
export type ImageMaker = (name: string) => Promise<string>;

/** The shell is the image's first process, and one that handles no signal would have to be killed, after 30 s. */
const RUN_UNTIL_STOPPED = ['/bin/sh', '-c', "trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done"];

/** Prepares a folder for images that consist of a static busybox. */
export async function createImageMaker(folder: string, busybox: string): Promise<ImageMaker> {
  await mkdir(folder);
  const layer = await writeLayer(folder, busybox);
  let archives = 0;
  return async (name) => {
    archives += 1;
    const archive = join(folder, `${archives}.tar`);
    await writeImage({ name, layer, entrypoint: RUN_UNTIL_STOPPED, archive });
    return archive;
  };
}
