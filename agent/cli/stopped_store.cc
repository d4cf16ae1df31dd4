#include "agent/cli/stopped_store.h"

#include <filesystem>

#include "agent/base/task_group.h"
#include "agent/real_world.h"

namespace seamwatch::agent {

Status in_stopped_store(const std::string& folder, const StoreTask& task) {
  std::error_code problem;
  if (!std::filesystem::exists(folder + "/seamwatch.db", problem)) {
    return error("there is no store in " + folder + "; name the folder of storage.path");
  }
  RealWorld world;
  StoreOptions options;
  options.folder = folder;
  auto store = Store::open(options, world.clock);
  if (!store) {
    return error(store.error().message + "; an agent that runs is asked with --url");
  }
  Status out;
  {
    TaskGroup tasks(world.io.get_executor(),
                    [&out](const std::string&, const std::string& what) { out = error(what); });
    tasks.spawn("read", task(store->get(), &world.clock));
    while (tasks.size() > 0) {
      world.io.run_one();
    }
  }
  (*store)->stop();
  return out;
}

}  // namespace seamwatch::agent
